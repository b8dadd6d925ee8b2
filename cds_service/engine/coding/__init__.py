"""Corrections of procedure codes: one module per family of codes, joined by ``correct``."""
