"""Where a deployment keeps its routes: in a variable, a file or a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.errors import BadInput

PREFIX = "POLICY_MIRROR_"


class Source(NamedTuple):
    """``parameter`` instead of ``path``, ``document`` (the text itself) instead of both."""

    path: str = "routes.yaml"
    parameter: str | None = None
    document: str | None = None


def routes_source(environ: Mapping[str, str]) -> Source:
    """Raises BadInput that names the variable and what it may say."""
    place = environ.get(f"{PREFIX}ROUTES") or "routes.yaml"
    document = environ.get(f"{PREFIX}ROUTES_YAML") or None
    kind, _, name = place.partition(":")
    if kind != "ssm":
        return Source(place, None, document)
    if not name:
        raise BadInput(f"{PREFIX}ROUTES names no parameter; it is a path or ssm:NAME[:VERSION]")
    return Source(parameter=name, document=document)
