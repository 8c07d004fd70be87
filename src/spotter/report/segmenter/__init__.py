"""The segmenter's pages and words: how good it is, and where it goes wrong."""
