"""Mask R-CNN for people and the parts of their bodies: data, training, judging, export and prediction."""
