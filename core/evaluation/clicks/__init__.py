"""Counting clicks as the field does: a simulated person clicks where the largest error is deepest."""
