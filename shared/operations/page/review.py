"""What a command would do, reviewed before it is done: the plan that is shown is the one carried out.

A review has a digest of what was shown. The command is run only for a request that brings the digest of a
review made anew in that moment, and where it takes a plan, the engine itself carries out that plan or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import structs

from shared.errors import BadInput
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.commands.links import key_of, known
from shared.operations.commands.registry import Answer
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.operations.rehearsal import Foreseen, Rehearsal
from shared.operations.requests import Command
from shared.sync.link import Link, LinkKey, State

TAKES = {"aws": "prefer-aws", "azure": "prefer-azure", "strictest": "strictest"}
ARGUMENTS = frozenset({"route", "name", "take", "plan"})


@dataclass(frozen=True, slots=True)
class Review:
    """``told``: what the command does, in a sentence. ``foreseen``: what a look would then write, where the
    command ends in one."""

    command: Command
    told: str
    foreseen: Foreseen | None
    digest: str


def review(reader: Reader, name: str, query: Mapping[str, str]) -> Review:
    """Raises BadInput for what cannot be done from a page, and whatever clouds and ledger raise."""
    given = {key: value for key, value in query.items() if key in ARGUMENTS and value}
    if name not in _TOLD:
        raise BadInput(f"command {name[:40]!r} cannot be given from the page")
    route = reader.route(given.get("route", ""))
    if name == "release":
        frozen = reader.ledger.scope(route.id).frozen
        told = f"{_TOLD[name]} It was frozen because: {frozen}" if frozen else "It is not frozen."
        return _reviewed(Command(name, {"route": route.id}), told, None)
    if "name" not in given:
        if name not in ("pause", "resume"):
            raise BadInput(f"command {name!r} needs the name of a policy")
        return _reviewed(Command(name, {"route": route.id}), _TOLD[name], None)
    return _of_link(reader, name, key_of(reader, route.id, given["name"]), given)


def _of_link(reader: Reader, name: str, key: LinkKey, given: Mapping[str, str]) -> Review:
    arguments = {"route": key.route, "name": key.name}
    if name in ("pause", "unlink"):
        return _reviewed(Command(name, arguments), _TOLD[name], None)
    if name in ("resolve", "adopt") and given.get("take", "") not in (
        {"", *TAKES} if name == "adopt" else TAKES
    ):
        raise BadInput(f"command {name!r}: take is one of {', '.join(TAKES)}")
    if "take" in given:
        arguments["take"] = given["take"]
    rehearsal = Rehearsal(reader, reader.route(key.route))
    if name == "approve":
        arguments["plan"] = rehearsal.see(key)[1].digest
    _amend(rehearsal, key, lambda link: _AMENDED[name](link, arguments))
    foreseen = rehearsal.look(key)
    if name in ("sync", "resolve"):
        arguments["plan"] = foreseen.plan.digest
    return _reviewed(Command(name, arguments), _TOLD[name], foreseen)


def carry_out(mirror: Mirror, seen: Review, digest: str, person: str) -> Answer:
    """Raises BadInput where ``digest`` is that of another review, and whatever the command raises."""
    if seen.digest != digest:
        raise BadInput("It is no longer what you reviewed: look at it once more.")
    actor = actor_label("page", person)
    return run_command(mirror, seen.command._replace(actor=actor))


def _reviewed(command: Command, told: str, foreseen: Foreseen | None) -> Review:
    shown = [command.name, command.arguments, told, foreseen.plan.digest if foreseen else None]
    writes = [[write.side, write.kind, write.document] for write in foreseen.writes] if foreseen else None
    text = json.dumps([shown, writes], sort_keys=True, default=str)
    return Review(command, told, foreseen, hashlib.sha256(text.encode()).hexdigest())


def _amend(rehearsal: Rehearsal, key: LinkKey, change: Callable[[Link], Link]) -> None:
    """In the rehearsal's own ledger, as the command would."""
    link = known(rehearsal.ledger.link(key), key)
    rehearsal.ledger.save(structs.replace(change(link), rev=link.rev + 1))


def _adopted(link: Link, given: Mapping[str, str]) -> Link:
    state = State.NEW if link.state is State.UNLINKED else link.state
    return structs.replace(
        link, state=state, adopted=True, resolution=TAKES.get(given.get("take", "")), findings=()
    )


_AMENDED: Mapping[str, Callable[[Link, Mapping[str, str]], Link]] = {
    "sync": lambda link, _: link,
    "resume": lambda link, _: structs.replace(link, paused=False),
    "resolve": lambda link, given: structs.replace(link, resolution=TAKES[given["take"]]),
    "approve": lambda link, given: structs.replace(link, approved=given["plan"]),
    "adopt": _adopted,
}
_TOLD = {
    "sync": "Looks at the policy now and carries out exactly this plan.",
    "resolve": "Settles every open conflict of this policy in one way.",
    "approve": "Lets exactly this plan loosen rules or delete.",
    "adopt": "Mirrors this pair from now on.",
    "pause": "Nothing is looked at or written until somebody resumes it. Edits wait, and are not lost.",
    "resume": "Goes on with what was paused: what differs by now is written.",
    "unlink": "Neither cloud is touched, and nothing of this pair is mirrored until somebody asks for it.",
    "release": "Writes go on, and what the guards had counted is forgotten.",
}
ACTIONS = frozenset(_TOLD)
"""Commands behind a button. Whatever else there is may be typed."""
