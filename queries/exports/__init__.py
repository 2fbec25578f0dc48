"""Tables as files: `files` writes any table, and no text that somebody typed becomes a formula.

`queries` makes the table of a list of queries; the apps above make theirs of what they know.
"""
