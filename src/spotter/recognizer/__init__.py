"""The image classifier that a user trains: which part of the body, or anything else, a picture shows."""
