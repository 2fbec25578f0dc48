"""Customer queries for programs of a shop: read, answered, closed, given to somebody."""
