"""What is kept: served cards, calls, feedback, seen tokens. Never a patient's name, id, code or free text."""
