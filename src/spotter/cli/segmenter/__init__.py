"""``spotter segmenter``: who and what is in a picture, pixel by pixel."""
