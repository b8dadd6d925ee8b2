"""What the guidelines say: data files, their schemas, and the loaders that turn them into core types."""
