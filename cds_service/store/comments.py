"""A free-text comment in, what is kept of it out: encrypted when a key is set (Fernet: AES-128 and HMAC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from cds_service.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Sealer:
    """Without a cipher, comments are kept as they came."""

    cipher: MultiFernet | None = field(default=None, repr=False)

    @property
    def encrypts(self) -> bool:
        return self.cipher is not None

    def seal(self, text: str) -> str:
        """What is written to the store."""
        return self.cipher.encrypt(text.encode("utf-8", "replace")).decode() if self.cipher else text

    def open(self, words: str, *, encrypted: bool) -> str | None:
        """The comment; None when no key fits."""
        if not encrypted:
            return words
        if self.cipher is None:
            return None
        try:
            return self.cipher.decrypt(words.encode()).decode("utf-8", "replace")
        except InvalidToken:
            return None


def sealer_of(keys: Sequence[str]) -> Sealer:
    """The first key encrypts, every key decrypts.

    Raises:
        SettingsError: a key is no Fernet key. The message says how to make one and never quotes it.
    """
    if not keys:
        return Sealer()
    ciphers: list[Fernet] = []
    for position, key in enumerate(keys, start=1):
        try:
            ciphers.append(Fernet(key))
        except ValueError:
            raise SettingsError(
                f"CDS_COMMENT_KEYS: key {position} is no Fernet key; make one with: python -c"
                ' "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
            ) from None
    return Sealer(MultiFernet(ciphers))
