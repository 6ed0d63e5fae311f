"""Rights: everything that is kept about one person, to take away or to be forgotten. Each file says what it is.

`tables` says of every table, column by column, what is about a person and how it leads to them. A copy (`copying`) and
forgetting (`leaving`, then `stripping`) follow that map, and so does the data map of `docs/privacy.md`: a table or a column that
the map does not know fails a test.
"""
