"""Dataclasses whose fields are turned from Python and over HTTP while the servers run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class KnobError(ValueError):
    """A knob that does not exist or got a value it cannot take; the message names both."""


@dataclass(kw_only=True)
class Knobs:
    """Base of `Faults` and `BusKnobs`. `int` knobs that end in `_next` count down to zero."""

    lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        with self.lock:
            return {name: getattr(self, name) for name in self._kinds()}

    def update(self, changes: Mapping[str, Any]) -> None:
        """Sets all of `changes` or, on a `KnobError`, none of them."""
        kinds = self._kinds()
        for name, value in changes.items():
            if name not in kinds:
                raise KnobError(f"there is no knob {name!r}; there are {', '.join(sorted(kinds))}")
            _check(name, kinds[name], value)
        with self.lock:
            for name, value in changes.items():
                setattr(self, name, value)

    def take(self, name: str) -> bool:
        """Uses up one of a counting knob; False when none is left."""
        with self.lock:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    @classmethod
    def _kinds(cls) -> dict[str, str]:
        return {f.name: str(f.type) for f in fields(cls) if f.init}


def _check(name: str, kind: str, value: Any) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    fits = {
        "bool": isinstance(value, bool),
        "int": number and isinstance(value, int),
        "float": number,
        "str": isinstance(value, str),
        "int | None": value is None or (number and isinstance(value, int)),
    }
    if not fits[kind]:
        raise KnobError(f"{name} takes {kind} (numbers from 0 up), not {type(value).__name__} {value!r:.40}")
