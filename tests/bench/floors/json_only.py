"""The least that any translator does: read the one text and write the other."""

from __future__ import annotations

import json


def read_and_write(source: str, made: str, _made: dict[str, object] = {}) -> str:  # noqa: B006 - a cache
    """``made``: what the translation of ``source`` is, which the floor need not find out."""
    if made not in _made:
        _made.clear()
        _made[made] = json.loads(made)
    json.loads(source)
    return json.dumps(_made[made])
