"""``import``: policy files as a plan for review, and that very plan carried out.

Each policy is one link and one plan of the engine: what a file asks for takes the place of the merge, and
everything behind that is as ever: lease, guards, write-ahead intent, conditional writes, journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import BadInput, BadPolicyFile, MirrorError
from shared.operations.commands.documents import present
from shared.operations.commands.listing import BATCH, error_of
from shared.operations.commands.planning import changes, digest_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.documents import Import
from shared.operations.commands.schema.fields import Exit
from shared.operations.commands.settling import answer_of
from shared.operations.mirror import Mirror
from shared.operations.policy_files.file import PolicyFile
from shared.operations.policy_files.file import shown as state_of
from shared.operations.policy_files.reading import read_policy
from shared.operations.reader import Reader
from shared.operations.rehearsal import Foreseen, Rehearsal
from shared.operations.summary import line
from shared.routes.route import Routes
from shared.sync.existence import Action
from shared.sync.job import Outcome, Wanted
from shared.sync.link import LinkKey
from shared.sync.observation import Observation
from shared.translation.side import Side


@dataclass(frozen=True, slots=True)
class Step:
    """One link that a file asks something of. ``refused``: why nothing will be done about it."""

    file: str
    key: LinkKey
    wanted: Wanted
    foreseen: Foreseen | None = None
    refused: dict[str, Any] | None = None

    @property
    def digest(self) -> str | None:
        """Of its plan, if anything will be written."""
        return self.foreseen.plan.digest if self.foreseen is not None and self.foreseen.writes else None


def import_files(mirror: Mirror, asked: Import) -> Answer:
    files = _read(asked.files, mirror.routes)
    steps = list(_steps(mirror.reader(), files))
    due = [step for step in steps if step.digest is not None]
    digest = digest_of((str(step.key), str(step.digest)) for step in due) if due else None
    planned = {"plan": digest, "unchanged": len(files) - len(steps), "links": [_told(step) for step in steps]}
    if asked.plan is None:
        waits = Exit.WAITS if len(due) < len(steps) else Exit.DONE
        return {"exit_code": int(Exit.DIFFERS if due else waits), **planned, "outcomes": []}
    if asked.plan != digest:
        raise BadInput(f"import: the plan is now {digest or 'empty'}: review that one")
    if mirror.worker.may_write != frozenset(Side):
        raise BadInput(f"import: {mirror.worker.name} may write one cloud only: carry it out from a terminal")
    return {**planned, **answer_of(list(_carried_out(mirror, due)))}


def _read(files: Mapping[str, str], routes: Routes) -> dict[str, PolicyFile]:
    """Raises BadPolicyFile with the problems of all files."""
    found: dict[str, PolicyFile] = {}
    owners: dict[LinkKey, str] = {}
    problems: list[str] = []
    for name, text in files.items():
        try:
            found[name] = file = read_policy(text, name, routes)
        except BadPolicyFile as error:
            problems.append(str(error))
            continue
        first = owners.setdefault(file.key, name)
        if first != name:
            problems.append(f"{name}:1:1: it is about {file.key}, as {first} is: keep one of them")
    if problems:
        raise BadPolicyFile("\n".join(problems))
    return found


def _steps(reader: Reader, files: Mapping[str, PolicyFile]) -> Iterator[Step]:
    """Links of which something is asked, route by route; documents are read ahead in batches."""
    rehearsals: dict[str, Rehearsal] = {}
    order = sorted(files, key=lambda name: files[name].key)
    for position, name in enumerate(order):
        key = files[name].key
        if key.route not in rehearsals:
            rehearsals[key.route] = Rehearsal(reader, reader.route(key.route))
        if position % BATCH == 0:
            batch = [files[each].key for each in order[position : position + BATCH]]
            rehearsals[key.route].prefetch([each for each in batch if each.route == key.route])
        reader.progress(position, len(order))
        step = _step(rehearsals[key.route], name, files[name])
        if step is not None:
            yield step


def _step(rehearsal: Rehearsal, name: str, file: PolicyFile) -> Step | None:
    wanted = Wanted(file.rules, file.unsettled)
    step = Step(name, file.key, wanted)
    try:
        seen, _ = rehearsal.see(file.key)
        if asks_nothing(file, seen):
            return None
        if held := sorted(file.rules.keys() & seen.held_signals):
            message = f"{', '.join(held)}: held, so no file can set it; export again, or mend it in its cloud"
            return Step(name, file.key, wanted, refused={"code": "held", "message": message})
        return Step(name, file.key, wanted, rehearsal.look(file.key, wanted))
    except MirrorError as error:
        return Step(name, step.key, wanted, refused=error_of(error))


def asks_nothing(file: PolicyFile, seen: Observation) -> bool:
    """Whether both sides show what the file says; of a policy that nobody has it says that it should be."""
    state = state_of(present(seen))
    apart = state.apart.keys() - file.unsettled
    agreed = {signal: atom for signal, atom in state.agreed.items() if signal not in file.unsettled}
    return bool(seen.present) and not apart and agreed == file.rules


def _told(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"link": str(step.key), "file": step.file}
    if step.foreseen is None:
        return {**told, "refused": step.refused}
    outcome, plan = line(step.foreseen.outcome), step.foreseen.plan
    return {
        **told,
        "plan": step.digest,
        "action": str(plan.existence.action),
        "writes": [f"{write.kind} {write.side}" for write in step.foreseen.writes],
        "changes": list(changes(step.foreseen)),
        "outcome": {name: outcome[name] for name in ("event", "code", "reason")},
        "losses": [loss.to_json() for loss in plan.losses],
    }


def _carried_out(mirror: Mirror, due: list[Step]) -> Iterator[Outcome]:
    """What nobody had is born on one side; the look after that takes it to the other."""
    for position, step in enumerate(due):
        mirror.progress(position, len(due))
        assert step.foreseen is not None
        yield mirror.reconcile(step.key, reviewed=step.digest, wanted=step.wanted)
        if step.foreseen.plan.existence.action is Action.CREATE:
            yield mirror.reconcile(step.key)
