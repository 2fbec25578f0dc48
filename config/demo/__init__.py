"""An invented marketplace to look around in: its shops, its two years of history, its mail."""
