"""What every part of the API shares; each app has its own resources in a package of this name."""
