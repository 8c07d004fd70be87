"""Recipes that make the models that Spotter ships: the pictures, the training, the logs."""
