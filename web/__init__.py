"""The web: pages, feeds and e-mailed links, for people without Discord. It parses, calls the same use cases as chat, and renders."""
