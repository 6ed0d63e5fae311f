"""What a partnership's programmes are and what may happen to them.

Tables, rules, use cases and the ledger of notices. Nothing here knows Discord, HTTP, a clock or a file
format: a use case is a plain function over an open database handle, `now` is an argument, and what comes
back is a value.
"""
