"""A look that only glances tells what one that merges tells, whatever both sides and the ledger say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.policy.atom import RangeAtom
from shared.policy.merge import WHOLE
from shared.sync.findings import gate, hold_findings
from shared.sync.glance import at_a_glance
from shared.sync.job import Job, Kind, Wanted
from shared.sync.link import Attempt, Finding, Intent, Lease, Link, LinkKey, Restore, Shadow, State
from shared.sync.observation import Observation, observation
from shared.sync.ports import Found
from shared.sync.reconcile import by_merging
from shared.sync.restoring import fingerprint
from shared.translation.side import Side
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.unit.sync.world import ANYONE, FUNCTION, LAMBDA, routes_of

KEY = LinkKey("fleet", "pumps")
ATOM = RangeAtom(0, 7, 300)
SIGNAL = "mqtt-messages-from-device"
FOUND = dict[Side, Found | None]
PLAIN = routes_of().routes[0]
ROUTES = [
    routes_of(**settings).routes[0]
    for settings in (
        {"mode": "aws-to-azure"}, {"mode": "azure-to-aws"}, {"mode": "observe"}, {"first_contact": "observe"},
        {"conflict": "strictest"}, {"loosening": "approve"}, {"suppressed": "hold"}, {"windows": "[PT5M]"},
        {"custom_metrics": "{mode: use}"}, {"mode": "aws-to-azure", "approximate": "[stronger, weaker]"},
    )
]  # fmt: skip

Change = Callable[[Link], Link]


def _attempt(**more: Any) -> Change:
    made = replace(Attempt(Side.AZURE, 1, 10.0, 11.0), **more)
    return lambda link: replace(link, attempts=(*link.attempts, made))


def _finding(kind: str, path: str) -> Change:
    return lambda link: replace(link, findings=(*link.findings, Finding(kind, None, path, "x", "y", SIGNAL)))


def _shadow(side: Side, **more: Any) -> Change:
    return lambda link: replace(link, shadows={**link.shadows, side: replace(link.shadows[side], **more)})


def _view(link: Link, side: Side) -> dict[str, Any]:
    return {**link.shadows[side].view, SIGNAL: ATOM}


CHANGES: tuple[Change, ...] = (
    lambda link: replace(link, state=State.NEW),
    lambda link: replace(link, state=State.TOMBSTONE),
    lambda link: replace(link, intent=Intent(1, 10.0, frozenset({Side.AWS}), "plan", 3)),
    lambda link: replace(link, lease=Lease("other", 4, 20.0), token=4),
    lambda link: replace(link, pending=frozenset({Side.AZURE})),
    lambda link: replace(link, missing={Side.AWS: 5.0}),
    lambda link: replace(link, settling=frozenset({f"{SIGNAL}.hi"})),
    lambda link: replace(link, resolution="strictest"),
    lambda link: replace(link, settled={SIGNAL: ATOM}),
    lambda link: replace(link, approved="plan", refused="plan", adopted=True, writes=(1.0, 2.0)),
    lambda link: replace(link, findings=link.findings[1:]),
    lambda link: replace(link, findings=(*reversed(link.findings),)),
    lambda link: replace(link, findings=(*link.findings, gate(Side.AWS, "x", "y", SIGNAL))),
    lambda link: replace(link, shadows={side: Shadow(_view(link, side)) for side in link.shadows}),
    lambda link: replace(link, restore=Restore(Side.AZURE, {"properties": {}}, 1, "over")),
    lambda link: replace(link, names={SIGNAL: ("a",)}, graveyard={SIGNAL: ({"name": "gone"},)}),
    _finding("conflict", f"{SIGNAL}.hi"),
    _finding("conflict", f"{SIGNAL}.{WHOLE}"),
    _finding("note", SIGNAL),
    _finding("hold", "tags"),
    _attempt(),
    _attempt(raced="somebody else wrote it"),
    _attempt(near=(11.0, "request")),
    _attempt(near=(11.0, "request"), kept=True),
    _attempt(until=None, makes={SIGNAL: ATOM}),
    _attempt(until=None, makes={}, gone=True),
    _attempt(side=Side.AWS, until=None, makes={SIGNAL: ATOM}, version=1),
    _attempt(side=Side.AWS, until=None, makes={SIGNAL: ATOM}, version=1, asleep="1"),
    *(_shadow(side, lossy=frozenset({SIGNAL})) for side in Side),
    *(_shadow(side, view={}) for side in Side),
    *(_shadow(side, opaque=frozenset({SIGNAL})) for side in Side),
)  # fmt: skip


def _found(aws: Any, azure: Any, at: float = 9000.0) -> FOUND:
    return {
        Side.AWS: None if aws is None else Found("pumps", aws, "1.0", 2, at),
        Side.AZURE: None if azure is None else Found("pumps", azure, told_at=at),
    }


def _in_step(job: Job, found: FOUND) -> Link:
    """As a link is committed that shows this, whether or not both sides show the same."""
    first = observation(job, None, found)
    shadows = {side: Shadow(dict(r.atoms), opaque=r.opaque) for side, r in first.readings.items()}
    link = Link(KEY, 1, State.BOUND, shadows)
    seen = observation(job, link, found)
    return replace(link, findings=tuple(hold_findings(seen.readings)))


def _agrees(job: Job, seen: Observation) -> bool:
    """Whether a glance was enough."""
    glance = at_a_glance(job, seen)
    assert glance is None or glance == by_merging(job, seen)
    return glance is not None


def jobs() -> st.SearchStrategy[Job]:
    asked: tuple[dict[str, Any], ...] = (
        {},
        {},
        {"reviewed": "plan"},
        {"wanted": Wanted({SIGNAL: ATOM})},
        {"wanted": Wanted({})},
    )
    return st.builds(
        lambda route, worker, more: Job(KEY, route, worker, **more),
        st.sampled_from([PLAIN] * len(ROUTES) + ROUTES),
        st.sampled_from((LAMBDA, FUNCTION, ANYONE)),
        st.sampled_from(asked),
    )


any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


@given(any_profile, any_group, st.sampled_from((LAMBDA, FUNCTION, ANYONE)))
@settings(settings.get_profile("laws"))
def test_a_link_as_it_was_committed_takes_no_more_than_a_glance(
    profile: Any, group: Any, worker: Any
) -> None:
    job, found = Job(KEY, PLAIN, worker), _found(profile, group)
    link = _in_step(job, found)
    assert _agrees(job, observation(job, link, found))
    outcome = at_a_glance(job, observation(job, link, found))
    assert outcome is not None
    assert (outcome.kind, outcome.code) == (Kind.NO_OP, "in-step")


@given(jobs(), any_profile, any_group, st.sampled_from((*CHANGES, lambda link: link)))
def test_a_glance_tells_what_a_merge_tells(job: Job, profile: Any, group: Any, first: Change) -> None:
    found = _found(profile, group)
    link = first(_in_step(job, found))
    for change in CHANGES:
        _agrees(job, observation(job, change(link), found))


@given(jobs(), any_profile, any_group, st.one_of(any_profile, st.none()), st.one_of(any_group, st.none()))
@settings(settings.get_profile("laws"))
def test_an_edit_is_never_overlooked(job: Job, profile: Any, group: Any, other: Any, another: Any) -> None:
    link = _in_step(job, _found(profile, group))
    for aws, azure in ((other, group), (profile, another), (other, another)):
        _agrees(job, observation(job, link, _found(aws, azure)))


@given(any_profile, groups())
@settings(settings.get_profile("laws"))
def test_what_is_to_be_put_back_is_never_overlooked(profile: Any, group: Any) -> None:
    job, found = Job(KEY, PLAIN, LAMBDA), _found(profile, group)
    for side, document in ((Side.AWS, profile), (Side.AZURE, group)):
        restore = Restore(side, document, 1, fingerprint(side, found[side]))
        link = replace(_in_step(job, found), restore=restore)
        assert not _agrees(job, observation(job, link, found))
