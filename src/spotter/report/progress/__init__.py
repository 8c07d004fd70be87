"""What is shown of the history: progress, two sessions beside each other, a month of several people."""
