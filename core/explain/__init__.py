"""Why the result is what it is: every step from N queries to a label, in numbers that add up to it."""
