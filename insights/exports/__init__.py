"""What can be downloaded, and in which kinds of file: docs/decisions/0008-downloads.md.

`months`, `topics`, `measurements` and `shops` make a table of a report; `files` writes any table.
"""
