"""A person's own routes.yaml, made from the commented example: one text for both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from shared.errors import BadInput
from shared.operations.policy_files.writing import quoted
from shared.routes.load import load_routes
from shared.routes.reading import Part, read
from shared.routes.route import Route
from shared.routes.scopes import AwsScope, AzureScope
from shared.routes.wording import Misfits

EXAMPLE = Path(__file__).resolve().parents[2] / "infra" / "routes.example.yaml"
_VALUE = re.compile(r'\A("[^"]*"|\S+)')
_SECOND_ROUTE = "\n  # Every setting of a route.\n"
_COPY = "# Copy this file to routes.yaml and change it."
_SAY = (
    "# Written by `policy-mirror init`; infra/routes.example.yaml also shows every setting of a single route."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a route needs, and no default can give. ``hub`` is a full resource id."""

    id: str
    account: str
    region: str
    hub: str
    include: tuple[str, ...] = ()


def routes_text(wish: Wish) -> str:
    """Raises BadInput where a value is wrong, and BadRoutes where they do not fit together."""
    try:
        example = EXAMPLE.read_text(encoding="utf-8")
    except OSError:
        raise BadInput(f"init: {EXAMPLE} is missing; run it from a checkout of the project") from None
    head, _, route = example.partition(_SECOND_ROUTE)[0].partition("\nroutes:\n")
    for name, value in {**_ids(wish), "hub": wish.hub}.items():
        before, key, after = route.rstrip().partition(f"{name}: ")
        route = before + key + value + _VALUE.sub("", after)
    if wish.include:
        globs = ", ".join(map(quoted, wish.include))
        route += f"\n    names:\n      include: [{globs}]"
    text = f"{head.replace(_COPY, _SAY)}\nroutes:\n{route}\n"
    load_routes(text, "routes.yaml")
    return text


def _ids(wish: Wish) -> dict[str, str]:
    """As YAML; the account is text, of which a zero in front is a part."""
    return {"id": wish.id, "account": f'"{wish.account}"', "region": wish.region}


def check(name: str, value: str) -> str:
    """``value`` as it may stand in a routes.yaml. Raises BadInput that says what is wanted."""
    model, field, others = _FIELDS[name]
    try:
        read(model, {**others, field: value})
    except Misfits as several:
        for misfit in several.misfits:
            if misfit.at == (field,):
                raise BadInput(f"{name}: {misfit.problem}") from None
    return value.rstrip("/") if name == "hub" else value


_FIELDS: dict[str, tuple[type[Part], str, dict[str, str]]] = {
    "account": (AwsScope, "account", {"region": "eu-central-1"}),
    "region": (AwsScope, "region", {"account": "123456789012"}),
    "hub": (AzureScope, "hub", {}),
    "id": (Route, "id", {}),
}


def suggested_id(hub: str) -> str:
    """A route's id after its hub: lower case, letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", AzureScope(hub=hub).hub_name.lower()).strip("-") or "route"
