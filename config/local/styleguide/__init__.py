"""The living style guide, only when DEBUG: every component once, with made-up content."""
