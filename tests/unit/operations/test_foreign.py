"""What an event tells of somebody else's write goes with the look, and back to the queue with a busy link."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.errors import BadEvent
from shared.operations.payload import LAST_SECOND, message, plain_request
from shared.operations.requests import Cause, Look, Reconcile, Sweep
from shared.sync.job import Outcome
from shared.sync.link import Attempt, Lease, LinkKey
from shared.sync.ports import Touch
from shared.translation.side import Side
from tests.unit.operations.test_mirror import Queue
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import HUB, NOON, World, world

AWS, AZURE = Side.AWS, Side.AZURE
OURS, THEIRS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
AT = "2027-01-15T08:00:01.500Z"


def written(client_id: str | None = OURS) -> World:
    """A write of ours went to Azure from noon to two seconds after."""
    w = world()
    if client_id is not None:
        (route,) = w.routes.routes
        azure = structs.replace(route.azure, client_id=client_id)
        w.route = structs.replace(route, azure=azure)
        w.routes = structs.replace(w.routes, routes=(w.route,))
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    attempt = Attempt(AZURE, w.link().token, since=NOON, until=NOON + 2)
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, attempts=(attempt,)))
    return w


def codes(w: World, look: Look) -> list[str]:
    return [each.code for each in w.mirror().perform(look) if isinstance(each, Outcome)]


def look(**told: Any) -> Look:
    return Look(AZURE, HUB.lower(), "pumps", at=AT, request="theirs", by=THEIRS)._replace(**told)


def test_a_write_of_another_application_within_ours_is_a_possible_overwrite() -> None:
    assert codes(written(), look()) == ["possible-overwrite"]
    assert codes(written(), look(request=None)) == ["possible-overwrite"]


@pytest.mark.parametrize("told", [{"by": OURS}, {"by": None, "request": None}, {"at": None}])
def test_nothing_is_made_of_our_own_write_nor_of_an_event_that_tells_nobody(told: dict[str, str]) -> None:
    assert codes(written(), look(**told)) == ["in-step"]


def test_where_our_own_application_is_not_known_the_request_tells() -> None:
    assert codes(written(None), look()) == ["possible-overwrite"]
    assert codes(written(None), look(request=None)) == ["in-step"]


def test_a_name_that_the_event_spells_in_another_case_loses_nothing() -> None:
    assert codes(written(), look()._replace(name="PUMPS")) == ["possible-overwrite"]


def test_a_busy_link_takes_it_along_to_the_queue_and_back() -> None:
    w, queue = written(), Queue()
    leased = structs.replace(w.link(), rev=w.link().rev + 1, lease=Lease("x", 9, NOON + 60))
    w.ledger.save(leased)
    w.aws.put("pumps", profile(sent=at_most(50)))
    list(w.mirror().perform(look(), queue))
    assert queue.sent[0][0] == ["fleet/pumps"]
    (cause,) = queue.causes
    assert cause.foreign == Touch("pumps", NOON + 1.5, "theirs", THEIRS)
    w.ledger.save(structs.replace(leased, rev=leased.rev + 1, lease=None))
    body = json.loads(message(LinkKey("fleet", "pumps"), cause))
    request = plain_request(body)
    assert isinstance(request, Reconcile)
    (outcome,) = w.mirror().perform(request)
    assert isinstance(outcome, Outcome)
    assert [f.code for f in outcome.findings] == ["possible-overwrite"]


def test_a_key_without_it_is_what_it_always_was() -> None:
    assert message(LinkKey("fleet", "pumps")) == '{"route": "fleet", "name": "pumps"}'


@pytest.mark.parametrize("foreign", [{}, {"at": "soon"}, {"at": True}, {"at": 1e300}, {"at": 10**400}, None])
def test_a_time_that_is_none_is_left_out(foreign: object) -> None:
    told = {"route": "fleet", "name": "pumps", "cause": {"foreign": foreign}}
    assert plain_request(told) == Reconcile("fleet", "pumps")


@pytest.mark.parametrize(
    "sweep",
    [
        Sweep("fleet"),
        Sweep("fleet", ""),
        Sweep("fleet", "pumps"),
        Sweep("fleet", None, 3),
        Sweep("fleet", "pumps", 10, 1_800_000_000.5),
    ],
)
def test_a_sweep_that_is_written_to_the_queue_is_read_from_it(sweep: Sweep) -> None:
    assert plain_request(json.loads(message(sweep))) == sweep


@pytest.mark.parametrize(
    "forged",
    [{"tries": -1}, {"tries": 10**9}, {"tries": True}, {"tries": "3"}, {"asked": "now"}, {"asked": -1}],
)
def test_a_count_or_time_that_is_none_is_left_out(forged: dict[str, object]) -> None:
    assert plain_request({"sweep": "fleet", "after": "pumps", **forged}) == Sweep("fleet", "pumps")


@pytest.mark.parametrize("after", ["x" * 257, "a\nb", 5, {}, ["pumps"], True])
def test_a_place_to_go_on_is_a_short_text(after: object) -> None:
    with pytest.raises(BadEvent, match="after"):
        plain_request({"sweep": "fleet", "after": after})


times = st.floats(0, LAST_SECOND)
touches = st.builds(Touch, st.just("pumps"), times, st.none() | st.text("abc-1", min_size=1), st.none())
traces = st.just("") | st.text("0123456789abcdef", min_size=32, max_size=32)


@given(st.builds(Cause, traces, st.none() | times, st.none() | touches, st.booleans()))
def test_what_is_written_to_the_queue_is_read_from_it(cause: Cause) -> None:
    known = cause.foreign and structs.replace(cause.foreign, by=THEIRS)
    body = message(LinkKey("fleet", "pumps"), cause._replace(foreign=known))
    assert THEIRS not in body  # a claim goes nowhere
    assert plain_request(json.loads(body)) == Reconcile("fleet", "pumps", cause)
