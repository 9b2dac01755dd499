"""What may go wrong, and how often. A rate is a probability for each occasion unless it says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    policies: int = 4
    canary: bool = False  # the route names one: a policy more, which no user touches
    edits: int = 20  # user writes in the hour of faults, over all policies
    bursts: float = 0.25  # an edit is followed within seconds by another one on the same policy
    in_window: float = 0.0  # a user edits the policy just when a worker has declared its intent
    deletes: float = 0.03  # share of user writes that delete a policy; half of them are recreated
    recase: float = 0.0  # share of user writes that delete and recreate in another case
    lost_events: float = 0.0
    twice: float = 0.0
    delayed: float = 0.0
    longest_delay: float = 900.0
    respelt: float = 0.1  # an event of Azure spells the name in another case
    forged: int = 0  # events from nowhere, in the hour
    anonymous: float = 0.0  # an event tells nobody: ``claims: {}``
    slow: float = 0.0
    throttled: float = 0.0
    failed: float = 0.0  # no answer, not applied
    unanswered: float = 0.0  # no answer, applied (writes)
    late: float = 0.0  # no answer, applied minutes later (writes)
    latest: float = 900.0
    stale: float = 0.0  # a read shows the past, up to ten seconds of it
    crash: float = 0.0  # a worker dies before or after an effect
    stall: float = 0.0  # a worker stands still for up to five minutes between deciding and doing
    skew: float = 0.0  # seconds by which each worker's clock may be wrong, either way
    ledger_down: float = 0.0  # not applied
    ledger_unsure: float = 0.0  # applied, answer lost
    ledger_refused: float = 0.0  # a condition fails for no reason of ours (a transaction of somebody else)
    outages: int = 0  # times that one cloud is down, denies, or says that nothing exists
    longest_outage: float = 1800.0
    hours: float = 1.0  # of faults
    hides: float = 0.0  # share of runs in which Azure does not tell the values of lists
    clamps: float = 0.0  # share of runs in which Azure clamps an upper limit
    respells: float = 0.0  # share of runs in which Azure respells durations, texts and order
    audit_lag: float = 300.0  # the audit trail tells of a write so many seconds later
    lossless: bool = True  # whether events always arrive in the end: the race detector then misses nothing


CALM = Profile("calm")
EVENTS = replace(
    CALM, name="events", twice=0.2, delayed=0.2, forged=20, anonymous=0.05, bursts=0.4, recase=0.01
)
LOST_EVENTS = replace(EVENTS, name="lost-events", lost_events=0.3, lossless=False)
LATE_EVENTS = replace(EVENTS, name="late-events", delayed=0.5, longest_delay=10_800.0)
CALLS = replace(
    CALM,
    name="calls",
    slow=0.03,
    throttled=0.05,
    failed=0.04,
    unanswered=0.05,
    late=0.03,
    stale=0.02,
    in_window=0.05,
)
CRASHES = replace(CALM, name="crashes", crash=0.02, stall=0.01, in_window=0.05)
CLOCKS = replace(
    CALM, name="clocks", skew=300.0, crash=0.01, stall=0.02, late=0.03, twice=0.2, in_window=0.05
)
LEDGER = replace(
    CALM,
    name="ledger",
    ledger_down=0.04,
    ledger_unsure=0.04,
    ledger_refused=0.02,
    twice=0.2,
    in_window=0.05,
)
OUTAGES = replace(
    CALM, name="outages", hours=4.0, outages=2, longest_outage=7200.0, edits=30, failed=0.02, deletes=0.06
)
CANARY = replace(OUTAGES, name="canary", policies=1, canary=True)
"""With as few policies as an empty listing is believed of, where no canary stands against it."""

SERVERS = replace(CALM, name="servers", clamps=1.0, respells=1.0)
HIDING = replace(CALM, name="hiding", hides=1.0, respells=1.0)
RACES = replace(CALM, name="races", bursts=0.7, in_window=0.5, twice=0.2, slow=0.2, deletes=0.05)
EVERYTHING = replace(
    CALLS,
    name="everything",
    bursts=0.4,
    lost_events=0.15,
    twice=0.15,
    delayed=0.2,
    forged=20,
    anonymous=0.05,
    recase=0.01,
    crash=0.01,
    stall=0.005,
    skew=300.0,
    ledger_down=0.02,
    ledger_unsure=0.02,
    ledger_refused=0.01,
    outages=1,
    hides=0.25,
    clamps=0.5,
    respells=0.5,
    lossless=False,
)
PROFILES = {
    profile.name: profile
    for profile in (
        CALM,
        EVENTS,
        LOST_EVENTS,
        LATE_EVENTS,
        CALLS,
        CRASHES,
        CLOCKS,
        LEDGER,
        OUTAGES,
        CANARY,
        SERVERS,
        HIDING,
        RACES,
        EVERYTHING,
    )
}
