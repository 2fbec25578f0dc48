"""Pages: the workplace of the shop, and the page of the customer."""
