"""Commands of the outermost room."""
