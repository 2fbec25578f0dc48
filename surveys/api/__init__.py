"""What became of surveys, for programs of a shop."""
