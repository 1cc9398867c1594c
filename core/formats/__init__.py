"""Data sets in and out, exact to the pixel.

``panoptic_dataset`` reads COCO panoptic data sets; ``coco`` writes pictures as COCO instances and COCO panoptic.
"""
