"""People in a picture: boxes, keypoints and masks, and who is who from frame to frame."""
