"""Discord, in and out: a callback parses, calls one use case and renders what came of it."""
