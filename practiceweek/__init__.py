"""The front door: command line, settings, composition."""
