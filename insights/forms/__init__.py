"""What a shop's people fill in, a file per subject."""
