"""FHIR in and out: JSON to a Case, validity of a resource, corrections applied to a resource."""
