"""A small world to run the engine in: two clouds, a ledger, a clock, and a say in what happens in between.

The programs are performed by the production driver. Every cloud write is checked on its way: an earlier entry
of the journal must have its before-image and what is about to be written.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec.structs import fields, replace

from shared.errors import MirrorError
from shared.ledger.sqlite import SqliteLedger
from shared.operations.driver import Driver
from shared.operations.mirror import Mirror
from shared.operations.quotas import Manner
from shared.routes.load import load_routes
from shared.routes.route import Route, Routes
from shared.sync import effects as do
from shared.sync import guards
from shared.sync.effects import Effect, Program
from shared.sync.job import Job, Outcome, Worker
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import Found
from shared.sync.reconcile import reconcile
from shared.translation.side import Side
from tests.unit.sync.clouds import FakeAws, FakeAzure, Write

T = TypeVar("T")
NOON = 1_800_000_000.0

LAMBDA = Worker("aws-lambda", frozenset({Side.AZURE}))
FUNCTION = Worker("azure-function", frozenset({Side.AWS}))
ANYONE = Worker("local", frozenset(Side))

HUB = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/plant"
    "/providers/Microsoft.Devices/IotHubs/hub"
)
ROUTES = f"""\
version: 1
routes:
  - id: fleet
    aws: {{account: "123456789012", region: eu-central-1}}
    azure: {{hub: {HUB}}}
"""


def routes_of(**settings: Any) -> Routes:
    """One route, two-way and in contact unless said otherwise."""
    lines = [f"    {key}: {value}\n" for key, value in ({"first_contact": "sync"} | settings).items()]
    return load_routes(ROUTES + "".join(lines))


class Inline(Executor):
    """Performs what is submitted at once, so that every run is the same."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds whatever its call raised
            future.set_exception(error)
        return future


@dataclass
class Hook:
    """Runs ``action`` at the ``nth`` effect of a kind, ``after`` it was performed or before."""

    kind: type[Any]
    action: Callable[[], None]
    nth: int
    after: bool
    seen: int = 0

    def due(self, effect: Effect) -> bool:
        if not isinstance(effect, self.kind):
            return False
        self.seen += 1
        return self.seen == self.nth


@dataclass
class World:
    """``settings`` are those of the route, as in routes.yaml."""

    route: Route
    routes: Routes
    ledger: SqliteLedger = field(default_factory=lambda: SqliteLedger(":memory:"))
    writes: list[Write] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    now: float = NOON
    seconds_left: float = math.inf

    def __post_init__(self) -> None:
        weakref.finalize(self, self.ledger.close)
        self.aws = FakeAws(writes=self.writes)
        self.azure = FakeAzure(writes=self.writes)

    def look(self, name: str = "pumps", *, worker: Worker = ANYONE, origin: Side | None = None) -> Outcome:
        """One look at one link."""
        key = LinkKey(self.route.id, name)
        return self.run(reconcile(Job(key, self.route, worker, origin)))

    def later(self, seconds: float = 61.0, name: str = "pumps", worker: Worker = ANYONE) -> Outcome:
        """The same, some time later."""
        self.now += seconds
        return self.look(name, worker=worker)

    def in_step(self, name: str, profile: Any, group: Any) -> Outcome:
        """Both documents are there and were looked at: the link is bound, unless something is held."""
        self.aws.put(name, profile)
        self.azure.put(name, group)
        return self.look(name)

    def run(self, program: Program[T]) -> T:
        return self.mirror().driver(self.route).run(program)

    def mirror(self, worker: Worker = ANYONE) -> Mirror:
        """The same world behind the operations that people ask for."""
        return WatchedMirror(
            routes=self.routes,
            worker=worker,
            ledger=self.ledger,
            clouds=lambda _: {Side.AWS: self.aws, Side.AZURE: self.azure},
            clock=lambda: self.now,
            time_left=lambda: self.seconds_left,
            pool=Inline(),
            world=self,
        )

    def before(self, kind: type[Any], action: Callable[[], None], nth: int = 1) -> None:
        self.hooks.append(Hook(kind, action, nth, after=False))

    def after(self, kind: type[Any], action: Callable[[], None], nth: int = 1) -> None:
        """``action`` may raise: then the effect was performed and its answer is lost."""
        self.hooks.append(Hook(kind, action, nth, after=True))

    def link_key(self, name: str = "pumps") -> LinkKey:
        return LinkKey(self.route.id, name)

    def link(self, name: str = "pumps") -> Link:
        link = self.ledger.link(self.link_key(name))
        assert link is not None, f"the ledger does not know {name!r}"
        return link

    def scope(self) -> Scope:
        return self.ledger.scope(self.route.id)

    def journal(self, name: str = "pumps") -> list[Entry]:
        return list(self.ledger.journal(self.link_key(name)))

    def codes(self, name: str = "pumps") -> list[tuple[str, str]]:
        """Kind and code of what the ledger reports of a link."""
        return [(finding.kind, finding.code) for finding in self.link(name).findings]

    def freeze(self, why: str) -> None:
        self.ledger.save_scope(guards.freeze(self.scope(), why, self.now))

    def pause_route(self, paused: bool) -> None:
        scope = self.scope()
        self.ledger.save_scope(replace(scope, rev=scope.rev + 1, paused=paused))

    def pause_link(self, paused: bool) -> None:
        link = self.link()
        self.ledger.save(replace(link, rev=link.rev + 1, paused=paused))

    def took(self) -> list[tuple[Side, str]]:
        """The writes since this was last asked, as side and kind."""
        took = [(write.side, write.kind) for write in self.writes]
        self.writes.clear()
        return [(side, str(kind)) for side, kind in took]


def world(**settings: Any) -> World:
    routes = routes_of(**settings)
    return World(routes.routes[0], routes)


class WatchedMirror(Mirror):
    world: World | None = None

    def driver(self, route: Route, manner: Manner = Manner.AT_ONCE) -> Driver:
        assert self.world is not None
        plain = super().driver(route, manner)
        given: dict[str, Any] = {each.name: getattr(plain, each.name) for each in fields(plain)}
        return Watched(**given, world=self.world, route=route.id)


class Watched(Driver, frozen=True, kw_only=True):
    """The production driver, with the hooks of a test around each effect."""

    world: World
    route: str

    def perform(self, effect: Effect) -> Any:
        self.world.effects.append(effect)
        due = [hook for hook in self.world.hooks if hook.due(effect)]
        for hook in due:
            if not hook.after:
                hook.action()
        if isinstance(effect, do.Create | do.Update | do.Delete):
            announced(self.world, effect, LinkKey(self.route, effect.name))
        answer = super().perform(effect)
        for hook in due:
            if hook.after:
                hook.action()
        return answer


def announced(world: World, effect: do.Create | do.Update | do.Delete, key: LinkKey) -> None:
    """The last entry of the journal about this side says what is replaced, and by what."""
    base: Found | None = None if isinstance(effect, do.Create) else effect.base
    entry = [each for each in world.ledger.journal(key) if each.side is effect.side][-1]
    assert entry.decision == "intent"
    assert entry.before == (None if base is None else base.document)
    assert entry.after == (None if isinstance(effect, do.Delete) else effect.document)
    link = world.ledger.link(key)
    assert link is not None
    assert link.intent is not None
    assert effect.side in link.intent.sides


def raising(error: MirrorError) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action
