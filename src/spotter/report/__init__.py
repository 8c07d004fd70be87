"""What a person looks at: the annotated video, the report page and the terminal summary."""
