"""What can be downloaded, and in which kinds of file: docs/decisions/0008-downloads.md.

`months`, `topics` and `measurements` make a table of a report; `files` writes any table.
"""

from insights.exports.files import Dialect, csv_pieces, json_pieces, write_xlsx
from insights.exports.measurements import measurements_table
from insights.exports.months import months_table
from insights.exports.tables import Cell, Column, Table, Word
from insights.exports.topics import topics_table

__all__ = [
    "Cell",
    "Column",
    "Dialect",
    "Table",
    "Word",
    "csv_pieces",
    "json_pieces",
    "measurements_table",
    "months_table",
    "topics_table",
    "write_xlsx",
]
