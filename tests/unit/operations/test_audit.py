"""The sweep's audit: races that no event told, and a trail that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import structs
from msgspec.structs import replace

from shared.errors import CloudError, Denied, LedgerConflict, Unreachable
from shared.operations.mirror import Mirror
from shared.operations.requests import Sweep
from shared.sync import effects as do
from shared.sync.job import Kind, Outcome
from shared.sync.link import Attempt
from shared.sync.ports import Touch
from shared.translation.side import Side
from tests.unit.operations.test_mirror import Queue
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import NOON, World, raising, world

AZURE = Side.AZURE


@dataclass
class Trail:
    """Answers with ``problem`` while there is one."""

    touches: list[Touch] = field(default_factory=list)
    problem: CloudError | None = None

    def foreign_writes(self, since: float) -> Iterable[Touch]:
        if self.problem is not None:
            raise self.problem
        return [touch for touch in self.touches if touch.at >= since]


def written() -> World:
    """A write of ours went to Azure from noon to two seconds after."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    attempt = Attempt(AZURE, w.link().token, since=NOON, until=NOON + 2)
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, attempts=(attempt,)))
    w.now += 900.0
    return w


def audited(w: World, trail: Trail) -> Mirror:
    return replace(w.mirror(), trail=lambda _: trail)


def told(mirror: Mirror, queue: Queue | None = None) -> list[tuple[str, Kind, str]]:
    outcomes = mirror.perform(Sweep(), queue)
    return [(str(each.key), each.kind, each.code) for each in outcomes if isinstance(each, Outcome)]


def test_a_race_that_no_event_told_is_told_by_the_sweep() -> None:
    w = written()
    assert told(audited(w, Trail([Touch("pumps", NOON + 1, "theirs")]))) == [
        ("fleet/pumps", Kind.NO_OP, "in-step"),
        ("fleet/pumps", Kind.HELD, "possible-overwrite"),
    ]
    assert w.codes() == [("note", "possible-overwrite")]


def test_with_a_queue_the_link_goes_there() -> None:
    queue = Queue()
    told(audited(written(), Trail([Touch("pumps", NOON + 1, "theirs")])), queue)
    assert queue.sent == [(["fleet/pumps"], 0.0)]


def test_a_trail_without_a_race_says_nothing() -> None:
    assert told(audited(written(), Trail())) == [("fleet/pumps", Kind.NO_OP, "in-step")]


def test_a_trail_that_cannot_be_read_is_told_once_and_the_sweep_goes_on() -> None:
    w = written()
    trail = Trail(problem=Denied("Activity Log of resource group plant", "values/Read is denied"))
    assert told(audited(w, trail)) == [
        ("fleet/pumps", Kind.NO_OP, "in-step"),
        ("fleet/*", Kind.HELD, "audit-unread"),
    ]
    assert w.scope().swept_at == {"local": w.now}
    assert w.scope().unaudited == "Activity Log of resource group plant: values/Read is denied"
    trail.problem = Unreachable("Activity Log", "503")
    assert told(audited(w, trail)) == [("fleet/pumps", Kind.NO_OP, "in-step")]


def test_when_it_can_be_read_again_what_was_missed_is_found_and_a_new_problem_is_news() -> None:
    w = written()
    trail = Trail([Touch("pumps", NOON + 1, "theirs")], Denied("Activity Log", "denied"))
    told(audited(w, trail))
    trail.problem = None
    assert told(audited(w, trail))[-1] == ("fleet/pumps", Kind.HELD, "possible-overwrite")
    assert w.scope().unaudited is None


def test_nothing_is_made_of_a_trail_that_was_not_asked() -> None:
    """Nothing was written lately: whether it can be read is not known."""
    w = written()
    told(audited(w, Trail(problem=Denied("Activity Log", "denied"))))
    w.now += 7 * 86_400
    told(audited(w, Trail()))
    assert w.scope().unaudited == "Activity Log: denied"


def test_without_a_trail_nobody_asks() -> None:
    w = written()
    assert told(w.mirror()) == [("fleet/pumps", Kind.NO_OP, "in-step")]
    assert not [effect for effect in w.effects if isinstance(effect, do.Audit)]


def test_a_record_of_the_route_that_never_stands_still_costs_the_news_only() -> None:
    w = written()
    for nth in range(1, 6):
        w.before(do.SaveScope, raising(LedgerConflict("moved")), nth)
    outcomes = told(audited(w, Trail(problem=Denied("Activity Log", "denied"))))
    assert outcomes == [("fleet/pumps", Kind.NO_OP, "in-step")]
    assert w.scope().swept_at == {"local": w.now}
