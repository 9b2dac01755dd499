"""A link at rest, told at a glance: the protocol's fast path.

Both sides show what they showed when they were last in step, nothing else is held than was, and the ledger
expects nothing more. To merge would find each rule as it is, to edit would leave both documents as they are:
neither is done, for that is most of a look's work. What is told of the link is the same either way, the
digest of its plan too.
"""

from __future__ import annotations

from shared.sync.existence import Action, Existence
from shared.sync.findings import hold_findings
from shared.sync.job import Job, Outcome
from shared.sync.lease import BOTH
from shared.sync.link import Link
from shared.sync.observation import Observation
from shared.sync.outcomes import idle
from shared.sync.plan import Plan, digest_at_rest
from shared.sync.remembering import seen_at_first


def at_a_glance(job: Job, seen: Observation) -> Outcome | None:
    """None: it takes a merge to tell."""
    asked = job.wanted is not None or job.reviewed is not None or job.route.mode == "observe"
    if asked or _expected(seen.link) or not (seen.known and seen.present == BOTH == seen.as_shadowed()):
        return None
    findings = tuple(hold_findings(seen.readings))
    if seen_at_first(findings) != seen_at_first(seen.link.findings):
        return None
    return idle(job, seen, Plan(Existence(Action.MERGE), {}, {}, findings, (), (), digest_at_rest(seen)))


def _expected(link: Link) -> bool:
    """Whether a merge may have more to say: of a write that may still land or may have gone over somebody's,
    of another worker's turn, of what was missing or is to be put back. A conflict is a finding."""
    return bool(
        link.intent
        or link.pending
        or link.missing
        or link.settling
        or link.restore
        or any(attempt.makes is not None or attempt.near or attempt.raced for attempt in link.attempts)
        or any(shadow.lossy for shadow in link.shadows.values())
    )
