"""The shapes of the NPS tab's charts: counts in, positions out. The words are the templates'.

The history has a drawing of its own, in units that are pixels on a wide screen. Everything else
takes the width it gets: its horizontal positions are percentages, its heights pixels.
"""
