"""The settings: a TOML file and the environment, read into values that do not change."""
