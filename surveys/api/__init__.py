"""The API of this app: what the marketplace feeds in, whose closings may lead to surveys."""
