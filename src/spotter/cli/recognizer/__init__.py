"""``spotter recognizer``: a folder of photos becomes a model, on this machine and on a phone."""
