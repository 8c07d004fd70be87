"""The recognizer's pages: what was checked, how training went, how good the model is, what was seen when."""
