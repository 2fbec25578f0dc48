"""What became of surveys, and what the marketplace feeds in, whose closings may lead to one."""
