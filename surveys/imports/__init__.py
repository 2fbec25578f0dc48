"""Measurements from before this portal: formats recognised, rows read, all stored or none."""
