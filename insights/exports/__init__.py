"""What can be downloaded: docs/decisions/0008-downloads.md.

`months`, `topics`, `measurements` and `shops` make a table of a report; queries.exports writes it.
"""
