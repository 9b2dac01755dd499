"""Import: a file that nobody edited asks for nothing; one that asks for something gets just that."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.operations.commands.documents import present
from shared.operations.commands.importing import asks_nothing
from shared.operations.policy_files.file import PolicyFile
from shared.operations.policy_files.reading import read_policy
from shared.operations.policy_files.writing import policy_text
from shared.policy.atom import Atom
from shared.routes.options import pairing_options
from shared.routes.route import Route
from shared.sync.job import Job, Wanted, Worker
from shared.sync.link import Link, LinkKey, Shadow, State
from shared.sync.observation import Observation, observation
from shared.sync.plan import make_plan
from shared.sync.ports import Found
from shared.translation.side import Side
from shared.translation.translators import reading_of
from tests.laws.options import views
from tests.laws.test_policy_files import ROUTES, any_group, any_profile, any_route

Document = dict[str, Any]


def job(route: Route, wanted: Wanted | None = None) -> Job:
    return Job(LinkKey(route.id, "pumps"), route, Worker("law", frozenset(Side)), wanted=wanted)


def seen(route: Route, aws: Document | None, azure: Document | None, link: Link | None = None) -> Observation:
    found = {Side.AWS: aws, Side.AZURE: azure}
    return observation(
        job(route), link, {s: None if d is None else Found("pumps", d) for s, d in found.items()}
    )


def bound(route: Route, shadow: dict[str, Atom]) -> Link:
    shadows = {side: Shadow(dict(shadow)) for side in Side}
    return Link(LinkKey(route.id, "pumps"), rev=1, state=State.BOUND, shadows=shadows)


def written(route: Route, here: Observation) -> PolicyFile:
    return read_policy(policy_text(LinkKey(route.id, "pumps"), route, present(here)), "p", ROUTES)


@st.composite
def worlds(draw: st.DrawFn, *, whole: bool = False) -> tuple[Route, Observation]:
    """Any two documents, on a link that is new or was in step with any rules once."""
    route = draw(any_route)
    aws, azure = draw(any_profile), draw(any_group)
    missing = None if whole else draw(st.sampled_from([None, None, Side.AWS, Side.AZURE]))
    shadow = draw(st.none() | views(pairing_options(route)))
    return route, seen(
        route,
        None if missing is Side.AWS else aws,
        None if missing is Side.AZURE else azure,
        None if shadow is None else bound(route, shadow),
    )


@settings(settings.get_profile("laws"))
@given(worlds())
def test_a_file_that_nobody_edited_asks_for_nothing(drawn: tuple[Route, Observation]) -> None:
    route, here = drawn
    assert asks_nothing(written(route, here), here)


@settings(settings.get_profile("laws"))
@given(worlds(whole=True), st.data())
def test_both_sides_show_what_a_file_asks_for_and_keep_what_it_leaves(
    drawn: tuple[Route, Observation], data: st.DataObject
) -> None:
    route, here = drawn
    wanted = data.draw(views(pairing_options(route)))
    plan = make_plan(job(route, Wanted(wanted)), here)
    assume(not plan.gated)
    for side in Side:
        document = plan.edits[side].document if side in plan.edits else here.documents[side]
        after = reading_of(side, document, job(route).pairing, here.shadow(side).view).atoms
        kept = here.readings[side].atoms
        for signal in after.keys() | wanted.keys() | kept.keys():
            owner = kept if signal in here.held_signals else wanted
            assert after.get(signal) == owner.get(signal)


@given(worlds(whole=True))
def test_a_signal_that_is_left_unsettled_is_merged_as_ever(drawn: tuple[Route, Observation]) -> None:
    route, here = drawn
    file = written(route, here)
    plain = make_plan(job(route), here)
    plan = make_plan(job(route, Wanted(file.rules, file.unsettled)), here)
    for signal in file.unsettled & plan.merges.keys() & plain.merges.keys():
        assert plan.merges[signal] == plain.merges[signal]
