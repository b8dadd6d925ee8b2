"""References and bodies in, keyed hashes out: equal things can be told equal, nothing can be read."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Hashes:
    """HMAC-SHA256 with the store's key. ``kind`` keeps equal texts of different meaning apart."""

    key: bytes = field(repr=False)

    def text(self, kind: str, text: str) -> str:
        """64 hexadecimal digits; ``""`` for ``""``."""
        return self.body(kind, text.encode("utf-8", "replace")) if text else ""

    def body(self, kind: str, raw: bytes) -> str:
        """64 hexadecimal digits; ``""`` for no bytes."""
        if not raw:
            return ""
        return hmac.new(self.key, kind.encode() + b"\0" + raw, hashlib.sha256).hexdigest()


def unkeyed(*parts: str) -> str:
    """SHA-256 of the parts, each with its length: for what every host must hash alike."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "replace")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def uuid_or_hash(text: str) -> str:
    """A uuid in lower case; anything else could be a name, so only its hash, marked as such."""
    bare = text.strip().lower().removeprefix("urn:uuid:")
    return bare if _UUID.fullmatch(bare) else f"no-uuid:{unkeyed(text)[:24]}"
