"""Whole data sets: what is wrong with one before training starts, and building ours from the public originals."""
