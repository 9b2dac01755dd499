"""Bytes as text that YAML can be made of."""

from __future__ import annotations

import re

from shared.routes.problem import Unreadable

MAX_BYTES = 1_048_576

# YAML 1.1, section 5.1. Compiled where they are used: the second one alone takes 5 ms.
_UNPRINTABLE_ASCII = r"[^\t\n\r\x20-\x7e]"
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def decoded(text: str | bytes) -> str:
    """Without a byte-order mark. Raises :class:`Unreadable`: too large, not UTF-8, or unprintable."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise Unreadable(1, 1, f"larger than {MAX_BYTES} bytes")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(1, 1, "UTF-16; save it as UTF-8")
    try:
        result = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        problem = f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise Unreadable(*_end_of(before), problem) from None
    if match := re.search(_UNPRINTABLE_ASCII if result.isascii() else _UNPRINTABLE, result):
        problem = f"control character U+{ord(match.group()):04X}"
        raise Unreadable(*_end_of(result[: match.start()]), problem)
    return result


def _end_of(text: str) -> tuple[int, int]:
    """Line and column of what follows ``text``."""
    lines = re.split(r"\r\n|\n|\r", text)
    return len(lines), len(lines[-1]) + 1
