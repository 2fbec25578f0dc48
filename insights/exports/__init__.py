"""What can be downloaded: docs/decisions/0008-downloads.md.

Each module makes a table of a report; queries.exports writes it.
"""
