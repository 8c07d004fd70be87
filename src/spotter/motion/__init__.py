"""Joint angles over time, filters, gaps and the camera's view."""
