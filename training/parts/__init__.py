"""The part model: pictures of rendered people with the part of the body at every pixel."""
