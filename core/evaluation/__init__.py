"""How good a model is on a data set, in numbers.

Panoptic quality and Boundary PQ, IoU and accuracy of pixels, mask AP, and what the best of N queries could reach: each
by class and, where it makes sense, by size. ``report.evaluate`` adds up pictures; tables and CSV sheets are text, and
drawing is not done here.
"""
