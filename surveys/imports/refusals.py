"""What cannot be imported: a file as a whole, or one cell of it."""


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""


class WrongCell(Exception):
    """A cell does not say what it should; the message says what to do."""
