"""Each write carries an id of ours, so that its event or record can be told from a foreign one."""

from __future__ import annotations

import uuid

import pytest

from shared.errors import Unanswered
from shared.sync import attempts
from shared.sync import effects as do
from shared.sync.link import Attempt, Link, LinkKey
from shared.sync.ports import Touch
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, raising, world

KEY = LinkKey("fleet", "pumps")
OURS, THEIRS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def sent(w: World) -> list[str | None]:
    return [e.request for e in w.effects if isinstance(e, do.Create | do.Update | do.Delete)]


def test_a_write_and_its_journal_entry_bear_the_same_id() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    (request,) = sent(w)
    assert request == w.journal()[0].detail["request"]
    assert str(uuid.UUID(request)) == request


def test_the_next_lease_has_another_id() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    for most in (60, 50):
        w.aws.put("pumps", profile(sent=at_most(most)))
        w.later()
    assert len(set(sent(w))) == 2


def test_an_id_that_was_sent_is_known_again_also_before_its_answer() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.after(do.Update, raising(Unanswered("azure", "no answer")))
    w.look()
    (request,) = sent(w)
    assert request is not None
    assert attempts.ours(w.link(), request.upper())
    assert not attempts.ours(w.link(), THEIRS)
    assert not attempts.ours(w.link(), None)


def test_an_id_is_forgotten_with_its_attempt() -> None:
    old = attempts.request_id(KEY, 1)
    attempt = Attempt(Side.AZURE, 1, since=0.0)
    assert attempts.ours(Link(KEY, token=9, attempts=(attempt,)), old)
    assert not attempts.ours(Link(KEY, token=9), old)
    assert not attempts.ours(Link(LinkKey("fleet", "valves"), token=1), old)


@pytest.mark.parametrize(
    ("by", "request_", "own", "foreign"),
    [
        (THEIRS, None, OURS, True),
        (OURS, None, OURS, False),
        (OURS.upper(), THEIRS, OURS, False),
        (THEIRS, None, None, False),  # nobody knows who we are
        (THEIRS, THEIRS, None, True),
        (None, THEIRS, OURS, True),
        (None, None, OURS, False),  # ``claims: {}``
    ],
)
def test_who_wrote_is_told_by_the_application_or_else_by_the_request(
    by: str | None, request_: str | None, own: str | None, foreign: bool
) -> None:
    assert Touch("pumps", 0.0, request_, by).foreign(own) is foreign
