"""``restore``: a document of before is put back as an edit of its side, and mirrored like any edit."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from shared.operations.commands.schema.fields import Exit
from shared.sync import effects as do
from shared.sync.job import Worker
from shared.sync.journal import verify
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.operations.asking import LINK, ask, bound, outcome, refused
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import ANYONE, FUNCTION, LAMBDA, World, world

AWS, AZURE = Side.AWS, Side.AZURE
DESCRIBED = {"securityProfileDescription": "of the plant", "alertTargets": {"SNS": {"alertTargetArn": "a"}}}


def overwritten(**settings: str) -> World:
    """Somebody emptied the group; the profile, with much that only AWS can state, followed."""
    w = world(**settings)
    w.in_step(
        "pumps",
        profile(LEARNED, sent=at_most(100), own=DESCRIBED),
        group(sent=at_most(100)),
    )
    w.azure.put("pumps", group(sent=at_most(9)))
    w.later()
    assert w.aws.said() == {"sent": at_most(9)}
    w.took()
    w.now += 700
    return w


def rev_of(w: World, side: Side) -> int:
    return next(entry.seq for entry in w.journal() if entry.side is side and entry.before is not None)


def test_a_document_of_before_is_put_back_and_mirrored() -> None:
    w = overwritten()
    before = next(entry.before for entry in w.journal() if entry.side is AWS)
    assert outcome(ask(w, "restore", **LINK, rev=rev_of(w, AWS), by="alice")) == ("mirrored", "written")
    assert w.aws.document() == {k: v for k, v in (before or {}).items() if k in w.aws.document()}
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}
    assert w.took() == [(AWS, "update"), (AZURE, "update")]
    assert w.link().restore is None
    assert w.later().kind == "no-op"


def test_what_only_its_own_cloud_can_state_comes_back_too() -> None:
    w = overwritten()
    w.aws.put("pumps", profile(sent=at_most(9)))
    w.later()
    ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    document = w.aws.document()
    assert {key: document[key] for key in DESCRIBED} == DESCRIBED
    assert [each["name"] for each in document["behaviors"]] == ["sent-max", "learned"]


def test_tags_are_left_as_they_are() -> None:
    """No update of a profile carries them."""
    w = overwritten()
    document = w.aws.document()
    w.aws.put("pumps", {**document, "tags": [{"Key": "owner", "Value": "new"}]})
    ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    assert w.aws.document()["tags"] == [{"Key": "owner", "Value": "new"}]
    assert w.aws.said() == {"sent": at_most(100)}


def test_the_journal_tells_the_whole_story_and_its_chain_holds() -> None:
    w = overwritten()
    rev = rev_of(w, AWS)
    ask(w, "restore", **LINK, rev=rev, by="alice")
    story = [(entry.decision, entry.side, entry.actor) for entry in w.journal()][-4:]
    who = "local for alice"
    assert story == [
        ("restore", None, "alice"),
        ("intent", AWS, who),
        ("intent", AZURE, who),
        ("committed", None, who),
    ]
    assert w.journal()[-3].detail["restores"] == rev
    assert verify(w.link(), w.journal()).problems == []
    undo = w.journal()[-3].seq
    w.now += 700
    ask(w, "restore", **LINK, rev=undo)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(9)}, "a restore can be undone like any write"


def test_a_restore_waits_for_the_function_that_may_write_there() -> None:
    w = overwritten()
    answer = ask(w, "restore", worker=LAMBDA, **LINK, rev=rev_of(w, AWS))
    assert (outcome(answer), answer["exit_code"]) == (("pending", "other-worker"), Exit.UNFINISHED)
    assert w.link().pending == {AWS}
    assert w.later(worker=LAMBDA).kind == "pending"
    assert w.took() == [], "Azure is not made to follow before AWS has it"
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}


def test_whoever_edits_that_side_in_between_wins_and_the_restore_is_dropped() -> None:
    w = overwritten()
    ask(w, "restore", worker=LAMBDA, **LINK, rev=rev_of(w, AWS))
    w.aws.put("pumps", profile(LEARNED, sent=at_most(50)))
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.azure.said() == {"sent": at_most(50)}
    assert w.link().restore is None
    assert "restore-dropped" in [entry.decision for entry in w.journal()]
    assert w.look(worker=FUNCTION).kind == "no-op"


def test_an_edit_right_before_the_write_drops_it_too() -> None:
    w = overwritten()
    w.before(do.Update, lambda: w.aws.put("pumps", profile(LEARNED, sent=at_most(50))))
    ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    assert w.aws.said() == {"sent": at_most(50)}
    assert w.link().restore is None


def test_an_edit_on_the_other_side_is_merged_with_what_comes_back() -> None:
    w = world()
    w.in_step(
        "pumps",
        profile(sent=at_most(100), denied=at_most(9)),
        group(sent=at_most(100), denied=at_most(9)),
    )
    w.azure.put("pumps", group(sent=at_most(9), denied=at_most(9)))
    w.later()
    w.azure.put("pumps", group(sent=at_most(9), denied=at_most(5)))
    w.now += 700
    ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100), "denied": at_most(5)}


def buried() -> World:
    """Deleted on AWS, so on Azure too: the group's last document is in the journal."""
    w = bound(delete="mirror")
    w.aws.remove("pumps")
    w.later(worker=LAMBDA)
    w.later(worker=LAMBDA)
    assert w.link().state is State.TOMBSTONE
    w.took()
    w.now += 700
    return w


def test_a_deleted_policy_comes_back_on_both_sides() -> None:
    w = buried()
    assert outcome(ask(w, "restore", **LINK, rev=rev_of(w, AZURE))) == ("mirrored", "written")
    assert w.azure.said() == w.aws.said() == {"sent": at_most(100)}
    assert w.took() == [(AWS, "create"), (AZURE, "create")]
    assert w.link().state is State.BOUND
    assert w.later().kind == "no-op"
    assert verify(w.link(), w.journal()).problems == []


def test_a_deleted_policy_comes_back_by_two_workers_one_after_the_other() -> None:
    w = buried()
    answer = ask(w, "restore", worker=FUNCTION, **LINK, rev=rev_of(w, AZURE))
    assert outcome(answer) == ("pending", "other-worker")
    assert w.look(worker=FUNCTION).kind == "pending"
    assert w.took() == []
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.link().state is State.NEW, "AWS has not got it yet: that is no deletion"
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}
    assert w.later(worker=LAMBDA).kind == "no-op"


def test_half_a_pair_whose_deletion_is_held_comes_back_by_taking_it_apart_and_adopting_it() -> None:
    """Nobody here ever saw the profile that a user deleted: it is made anew from the other half."""
    w = bound()
    w.aws.remove("pumps")
    w.later()
    assert w.later().code == "deletion-held"
    ask(w, "unlink", **LINK)
    assert outcome(ask(w, "adopt", **LINK)) == ("mirrored", "written")
    assert w.aws.said() == {"sent": at_most(100)}


def test_the_sweep_comes_to_a_tombstone_that_somebody_wants_back() -> None:
    w = bound(delete="mirror")
    w.aws.remove("pumps")
    w.later()
    w.later()
    ask(w, "freeze", route="fleet", reason="audit")
    assert outcome(ask(w, "restore", **LINK, rev=1)) == ("held", "frozen")
    ask(w, "release", route="fleet")
    (line,) = ask(w, "sweep")["outcomes"]
    assert (line["link"], line["event"]) == ("fleet/pumps", "mirrored")
    assert w.azure.said() == {"sent": at_most(100)}


def test_what_loosens_is_put_back_only_once_it_is_approved() -> None:
    w = overwritten(loosening="approve")
    answer = ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    assert outcome(answer) == ("held", "approval-wanted")
    assert w.took() == []
    digest = ask(w, "plan", **LINK)["plan"]
    assert digest in answer["outcomes"][0]["reason"]
    ask(w, "approve", **LINK, plan=digest)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}


def test_a_plan_shows_what_a_restore_would_write() -> None:
    w = overwritten()
    ask(w, "pause", **LINK)
    ask(w, "restore", **LINK, rev=rev_of(w, AWS))
    planned = ask(w, "plan", **LINK)
    assert planned["writes"]["aws"]["behaviors"][0]["criteria"]["value"]["count"] == 100
    assert planned["outcome"]["code"] == "paused"


def test_a_document_that_the_cloud_refuses_is_not_tried_for_ever() -> None:
    w = overwritten()
    w.aws.refuses = lambda _: "InvalidRequestException"
    assert outcome(ask(w, "restore", **LINK, rev=rev_of(w, AWS))) == ("held", "refused")
    w.aws.refuses = lambda _: None
    assert w.link().restore is None
    assert w.later().kind in ("no-op", "held")
    assert w.azure.said() == w.aws.said() == {"sent": at_most(9)}


@pytest.mark.parametrize("workers", [(ANYONE,), (LAMBDA, FUNCTION)], ids=["one worker", "two workers"])
def test_a_crash_at_any_moment_of_a_restore_is_recovered(workers: tuple[Worker, ...]) -> None:
    for nth in range(1, effects_of_a_restore(workers) + 1):
        for after in (False, True):
            w = overwritten()
            crash(w, nth, after)
            with suppress(Crash):
                put_back(w, workers)
            w.hooks.clear()
            for _ in range(3):
                w.now += 100
                for worker in workers:
                    w.look(worker=worker)
            assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}, (nth, after)
            assert w.link().restore is None
            assert verify(w.link(), w.journal()).problems == []


def put_back(w: World, workers: tuple[Worker, ...]) -> None:
    """Asked for through the first worker; then each looks in turn."""
    ask(w, "restore", worker=workers[0], **LINK, rev=rev_of(w, AWS))
    for worker in (*workers[1:], *workers):
        w.look(worker=worker)


class Crash(Exception):
    pass


def crash(w: World, nth: int, after: bool) -> None:
    def die() -> None:
        raise Crash

    (w.after if after else w.before)(object, die, nth)


def effects_of_a_restore(workers: tuple[Worker, ...]) -> int:
    w = overwritten()
    w.effects.clear()
    put_back(w, workers)
    return len(w.effects)


@pytest.mark.parametrize(
    ("prepare", "arguments", "said"),
    [
        (lambda w: None, {"rev": 99}, "its journal has no entry 99"),
        (lambda w: None, {"rev": 2}, "entry 2 has no document of before"),
        (lambda w: w.aws.put("pumps", dict(w.journal()[0].before)), {"rev": 1}, "AWS looks just as it did"),
        (lambda w: ask(w, "unlink", **LINK), {"rev": 1}, "it is not mirrored; adopt it first"),
    ],
)
def test_what_cannot_be_put_back_is_told_why(prepare: Any, arguments: Any, said: str) -> None:
    w = overwritten()
    prepare(w)
    assert said in refused(w, "restore", **LINK, **arguments)
    assert w.took() == []


def test_a_side_that_the_route_never_writes_is_not_written_by_a_restore() -> None:
    w = overwritten()
    w.route = world(mode="aws-to-azure").route
    w.routes = world(mode="aws-to-azure").routes
    assert "never writes AWS" in refused(w, "restore", **LINK, rev=1)


def test_a_list_that_azure_did_not_tell_cannot_be_put_back() -> None:
    w = world()
    w.azure.hides = True
    w.aws.put("pumps", profile(peers=["10.0.0.0/8"]))
    w.look()
    w.aws.put("pumps", profile(peers=["10.0.0.0/9"]))
    w.later()
    rev = next(entry.seq for entry in w.journal() if entry.side is AZURE and entry.before is not None)
    assert "did not tell the values of allowlistRules[ConnectionToIpNotAllowed]" in refused(
        w, "restore", **LINK, rev=rev
    )
