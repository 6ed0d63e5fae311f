"""The pages, by noun: each file gives its routes, and each route parses, calls one use case, renders."""
