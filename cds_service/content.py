"""Where the data files lie: guidelines, cards and scenarios, in a checkout or in an installed wheel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Roots:
    """``base`` is what file names in messages are relative to."""

    base: Path
    guidelines: Path
    cards: Path
    fhir_fixtures: Path

    @classmethod
    def default(cls) -> Roots:
        """The content this program came with.

        A wheel has ``cards`` and ``fhir_fixtures`` in ``_content``, a checkout beside the package.
        """
        packed = PACKAGE / "_content"
        if packed.is_dir():
            return cls(
                base=PACKAGE,
                guidelines=PACKAGE / "guidelines",
                cards=packed / "cards",
                fhir_fixtures=packed / "fhir_fixtures",
            )
        return cls.at(PACKAGE.parent)

    @classmethod
    def at(cls, base: Path) -> Roots:
        """The content of a checkout (or a copy laid out like one) at ``base``."""
        base = base.resolve()
        return cls(
            base=base,
            guidelines=base / "cds_service" / "guidelines",
            cards=base / "cards",
            fhir_fixtures=base / "fhir_fixtures",
        )

    def name(self, path: Path) -> str:
        """``path`` as messages show it: relative to ``base``, with forward slashes."""
        path = path.resolve()
        return path.relative_to(self.base).as_posix() if path.is_relative_to(self.base) else path.name
