"""Which policies a route takes in, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache
from typing import Annotated

from shared.routes.reading import Part, meta

DEFAULT_GROUP = "default"
"""The group that every hub with an IoT security solution has by itself."""

PROBES = "policy-mirror-probe-"
"""Names of the throw-away objects that ``doctor --probe`` makes: no route ever takes them in."""

_BRACKET = re.compile(r"\[([^\]!])[^\]]*\]")


@lru_cache(maxsize=1024)
def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    """Matches what any of the globs matches; nothing where there is none."""
    return re.compile("|".join(map(translate, globs)) or r"(?!)")


Glob = Annotated[
    str,
    meta(
        "a name or a glob of 1-256 characters; * ? [ab] [!ab] are wild",
        pattern=r"^[^\x00-\x1f\x7f]{1,256}\Z",
    ),
]


class Names(Part, frozen=True):
    """Globs as in :mod:`fnmatch`. ``include`` minds case; ``exclude`` does not, because Azure does not tell
    ``Prod`` from ``prod``: what is excluded must not be reached through another spelling.

    The group ``default`` (in any case) is only taken in where ``default`` stands literally in ``include``;
    what a probe makes never is.
    """

    include: Annotated[
        tuple[Glob, ...],
        meta('a list of names or globs such as ["prod-*"]', min_length=1, max_length=500),
    ] = ("*",)
    exclude: Annotated[
        tuple[Glob, ...], meta('a list of names or globs such as ["*-test"]', max_length=500)
    ] = ()

    def covers(self, name: str) -> bool:
        if name.lower() == DEFAULT_GROUP and not any(g.lower() == DEFAULT_GROUP for g in self.include):
            return False
        if name.lower().startswith(PROBES):
            return False
        return bool(_any_of(self.include).match(name)) and not self._excludes(name)

    def _excludes(self, name: str) -> bool:
        without_case = tuple(glob.lower() for glob in self.exclude)
        return bool(_any_of(self.exclude).match(name) or _any_of(without_case).match(name.lower()))

    def samples(self) -> Iterator[str]:
        """Some names that ``include`` matches: the literal ones, and one or two for each glob."""
        for glob in self.include:
            bare = _BRACKET.sub(r"\1", glob).replace("?", "x")
            yield from {bare.replace("*", ""): None, bare.replace("*", "x"): None}


def shared_name(one: Names, other: Names) -> str | None:
    """A name that both take in, as proof that they overlap. None proves nothing where both use globs.

    The hub does not tell case apart, so neither do literal names here.
    """
    for own, foreign in ((one, other), (other, one)):
        for name in own.samples():
            if name and foreign.covers(name) and own.covers(name):
                return name
    spelt = {name.lower(): name for name in one.include if one.covers(name)}
    return next((n for n in other.include if n.lower() in spelt and other.covers(n)), None)
