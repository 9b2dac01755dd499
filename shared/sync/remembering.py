"""What the ledger should remember once a plan was carried out as far as it was; whether it does already."""

from __future__ import annotations

from collections.abc import Mapping

from shared.policy.atom import Atom
from shared.policy.merge import Ends, Merge
from shared.sync.attempts import unresolved
from shared.sync.link import Finding, Link, Shadow
from shared.sync.observation import LEFT, RIGHT, Observation
from shared.sync.plan import Plan, blocked
from shared.sync.shadow import advance
from shared.translation.aws_parse import APART
from shared.translation.side import Side
from shared.translation.view import Reading


def next_shadows(
    seen: Observation, plan: Plan, after: Mapping[Side, Reading], written: frozenset[Side]
) -> dict[Side, Shadow]:
    """The shadows once ``written`` sides show ``after``: what is in step advances, the rest stays behind."""
    views: dict[Side, dict[str, Atom]] = {side: dict(seen.shadow(side).view) for side in Side}
    lossy = set(seen.shadow(LEFT).lossy)
    closed = {side: blocked(plan.gated, side) for side in Side}
    for signal, m in plan.merges.items():
        done = (
            LEFT in written and signal not in closed[LEFT],
            RIGHT in written and signal not in closed[RIGHT],
        )
        shown = Ends(after[LEFT].atoms.get(signal), after[RIGHT].atoms.get(signal))
        ends = advance(seen.before(signal), m, shown, done)
        for side, atom in zip((LEFT, RIGHT), ends, strict=True):
            views[side].pop(signal, None)
            if atom is not None:
                views[side][signal] = atom
        if any(did and want != got for did, want, got in zip(done, m.want, shown, strict=True)):
            lossy.add(signal)
    still = frozenset(signal for signal in lossy if views[LEFT].get(signal) != views[RIGHT].get(signal))
    return {side: Shadow(views[side], still, after[side].opaque) for side in Side}


def next_settling(
    seen: Observation, plan: Plan, after: Mapping[Side, Reading], written: frozenset[Side]
) -> frozenset[str]:
    """Conflicts that this plan settled where one side was written and the other one waits. If a user changes
    what waits, that is about the same conflict; without a memory of it, it may look like what was before."""
    settling = {path.rpartition(".")[0] for path in seen.link.settling}
    return frozenset(
        f"{signal}.{conflict.field}"
        for signal, m in plan.merges.items()
        for conflict in m.conflicts
        if conflict.resolved and (written or signal in settling)
        if _waits(signal, m, plan, after, written)
    )


def _waits(
    signal: str, m: Merge, plan: Plan, after: Mapping[Side, Reading], written: frozenset[Side]
) -> bool:
    return any(
        want != after[side].atoms.get(signal) and (side not in written or signal in blocked(plan.gated, side))
        for side, want in zip((LEFT, RIGHT), m.want, strict=True)
    )


def at_rest(seen: Observation, plan: Plan, shadows: Mapping[Side, Shadow]) -> bool:
    """Whether the ledger already says all of this: nothing to write to a cloud, nothing to remember."""
    link: Link = seen.link
    same = all(shadows[side].view == seen.shadow(side).view for side in Side)
    back = seen.present & link.missing.keys()  # else its next absence would count as seen before
    dropped = link.restore is not None and seen.restore is None
    settled = link.settling != next_settling(seen, plan, seen.readings, frozenset())
    open_ends = back or dropped or settled or unresolved(link, seen.told_at)
    known = link.intent is None and same and not open_ends
    return not plan.edits and known and seen_at_first(link.findings) == seen_at_first(plan.findings)


def seen_at_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Less what only a whole read shows: a first look does not fetch what lives apart from the document."""
    return tuple(finding for finding in findings if finding.path not in APART)
