"""Pages for people: try the hook on a scenario, read what the guideline data says."""
