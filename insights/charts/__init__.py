"""The shapes of the NPS tab's charts: counts in, positions out. The words are the templates'.

Every chart takes the width it gets, and its text keeps its size: horizontal positions are
percentages, heights pixels. What is good and what is sure is a class: static/css/code.css.
"""
