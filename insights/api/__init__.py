"""The scores of a shop, its measurements and what it does after low ones, for programs."""
