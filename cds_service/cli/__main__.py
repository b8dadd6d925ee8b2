"""``python -m cds_service.cli`` is ``cds-service``."""

from cds_service.cli import main

main()
