"""The pure engine: case and knowledge in, evaluation out."""
