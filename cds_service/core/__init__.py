"""The words every room shares: frozen values without I/O, clock or FHIR."""
