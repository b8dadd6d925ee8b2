"""Evaluation to cards and to explanations: wording comes from cards/, never from here."""
