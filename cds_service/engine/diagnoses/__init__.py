"""Corrections of ICD-10-CM codes on the orders of one session."""

from cds_service.engine.diagnoses.charted import symptoms_on_both_sides
from cds_service.engine.diagnoses.correct import correct_diagnoses

__all__ = ["correct_diagnoses", "symptoms_on_both_sides"]
