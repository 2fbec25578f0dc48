"""What make needs on a laptop; no production process imports it."""
