"""``drift`` and ``conflicts``: what differs between both clouds now, and what of it waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.errors import MirrorError
from shared.operations.commands.listing import (
    SECONDS_SPARED,
    Page,
    error_of,
    key_behind,
    rehearsed,
    routes_from,
)
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.fields import Exit
from shared.operations.commands.schema.looking import Conflicts, Drift
from shared.operations.commands.values import shown
from shared.operations.reader import Reader
from shared.operations.rehearsal import Rehearsal
from shared.operations.standing import Level, LinkStanding, link_standing
from shared.sync.link import LinkKey, State
from shared.sync.observation import Observation
from shared.sync.plan import Plan
from shared.translation.side import Side


def drift(reader: Reader, asked: Drift) -> Answer:
    """A link that is missing on one side, or whose shared rules differ. What only one cloud can state is no
    drift; it is counted as held."""
    page, failed, last = Page(), False, ""
    for rehearsal, key in rehearsed(reader, asked.route, asked.name, asked.after):
        if page.looked and (page.looked == asked.limit or reader.time_left() < SECONDS_SPARED):
            page.next = last
            break
        page.looked += 1
        last = str(key)
        try:
            found = _difference(*rehearsal.see(key))
        except MirrorError as error:
            failed, found = True, {"error": error_of(error)}
        if found is not None:
            page.links.append({"link": str(key), **found})
    differs = Exit.DIFFERS if page.links else Exit.DONE
    return {"exit_code": int(Exit.FAILED if failed else differs), **page.to_json()}


def _difference(seen: Observation, plan: Plan) -> dict[str, Any] | None:
    absent = sorted(frozenset(Side) - seen.present)
    rules = list(_rules(seen)) if not absent else []
    if len(absent) == len(Side) or not (absent or rules):
        return None
    return {
        "action": str(plan.existence.action),
        "missing_on": [str(side) for side in absent],
        "rules": rules,
        "held": len(seen.held_signals),
    }


def _rules(seen: Observation) -> Iterator[dict[str, Any]]:
    """``edited``: the sides that changed since they were last in step."""
    for signal in seen.signals():
        now, before = seen.now(signal), seen.before(signal)
        if now.left != now.right:
            sides = zip(Side, now, before, strict=True)
            yield {
                "signal": signal,
                "aws": shown(now.left),
                "azure": shown(now.right),
                "edited": [str(side) for side, is_, was in sides if is_ != was],
            }


def conflicts(reader: Reader, asked: Conflicts) -> Answer:
    """From the ledger, so that only links at which something waits are read from the clouds."""
    page = Page()
    for rehearsal, standing in _waiting(reader, asked):
        if page.links and (len(page.links) == asked.limit or reader.time_left() < SECONDS_SPARED):
            page.next = page.links[-1]["link"]
            break
        page.looked += 1
        page.links.append(_waits(rehearsal, standing))
    return {"exit_code": int(Exit.WAITS if page.links else Exit.DONE), **page.to_json()}


def _waiting(reader: Reader, asked: Conflicts) -> Iterator[tuple[Rehearsal, LinkStanding]]:
    behind = key_behind(asked.after)
    for route in routes_from(reader, asked.route, behind):
        rehearsal = Rehearsal(reader, route)
        for link in reader.ledger.route_links(route.id):
            done = behind is not None and link.key.route == behind.route and link.key <= behind
            standing = link_standing(link)
            if not done and link.state is not State.TOMBSTONE and standing.level is Level.ACT:
                yield rehearsal, standing


def _waits(rehearsal: Rehearsal, standing: LinkStanding) -> dict[str, Any]:
    """``rules``: those in conflict now, with the values that resolve takes."""
    told = standing.to_json()
    return {
        "link": str(standing.key),
        "condition": told["condition"],
        "rules": _open(rehearsal, standing.key) if standing.found("conflict") else [],
        "findings": [finding for finding in told["findings"] if finding["kind"] != "hold"],
        "todo": told["todo"],
    }


def _open(rehearsal: Rehearsal, key: LinkKey) -> list[dict[str, Any]]:
    try:
        seen, plan = rehearsal.see(key)
    except MirrorError as error:
        return [{"error": error_of(error)}]
    return [
        {
            "signal": signal,
            "fields": sorted(merge.open_fields),
            "aws": shown(seen.now(signal).left),
            "azure": shown(seen.now(signal).right),
        }
        for signal, merge in plan.merges.items()
        if merge.open_fields
    ]
