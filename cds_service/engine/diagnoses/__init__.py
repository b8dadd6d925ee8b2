"""Corrections of ICD-10-CM codes on the orders of one session."""

from cds_service.engine.diagnoses.correct import correct_diagnoses

__all__ = ["correct_diagnoses"]
