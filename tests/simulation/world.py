"""One seeded run: two clouds, one ledger, two functions of several instances, users, faults, then peace."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec.structs import replace

from shared.errors import MirrorError
from shared.operations.listings import first_names
from shared.routes.reading import read
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.job import Job, Outcome, Worker
from shared.sync.link import Link, State
from shared.sync.ports import Document, Touch
from shared.sync.progress import finish_sweep, note_progress, take_turn
from shared.sync.races import find_races, worth_asking
from shared.sync.reconcile import reconcile
from shared.sync.sweep import Window, list_names, next_window, survey
from shared.sync.tally import counted
from shared.translation.side import Side
from tests.simulation.buses import OUTSIDE, Buses, Message
from tests.simulation.clock import Clock
from tests.simulation.clouds import USER, Habits, Mutation, SimAws, SimAzure
from tests.simulation.facts import NO_LIMIT, cells_of
from tests.simulation.ledger import SimLedger
from tests.simulation.profiles import CALM, Profile
from tests.simulation.users import FIRST_LIMIT, MINUTES, Users
from tests.simulation.watch import Watch
from tests.simulation.workers import TROUBLE, Course, Host, Run, point

Engine = Callable[[Job], Program[Outcome]]
NAMES = ("Pump", "valve-7", "Press_2", "boiler")
CANARY = "canary"
START = 1_800_000_000.0
HOUR = 3600.0
SWEEP = 900.0
LISTED, READ = 3, 2
"""Names of one listing and links of one page: so few that a sweep takes several parts of several windows."""

ROUND = 1500.0
"""Seconds in which one sweep comes to rest: two looks at an absence, a fresh tombstone, a lost lease."""


def route_of(rng: random.Random) -> Route:
    return read(
        Route,
        {
            "id": "plant",
            "aws": {"account": "123456789012", "region": "eu-central-1"},
            "azure": {
                "hub": "/subscriptions/6b1ceacd-5731-4780-8f96-2078dd96fd96/resourceGroups/plant"
                "/providers/Microsoft.Devices/IotHubs/hub"
            },
            "names": {"exclude": ["foreign-*"]},
            "first_contact": "sync",
            "delete": "mirror",
            "conflict": rng.choice(("hold", "hold", "strictest", "prefer-aws", "prefer-azure")),
            "windows": [f"PT{minutes}M" for minutes in MINUTES],
        },
    )


class World:
    """``crash_at``: (n, "before" | "after") kills whoever performs the n-th effect of a script; "late" lets
    it land long after nobody was answered. ``both``: each function may write both sides."""

    def __init__(
        self,
        profile: Profile,
        seed: int,
        engine: Engine = reconcile,
        *,
        trace: bool = False,
        crash_at: tuple[int, str] | None = None,
        names: tuple[str, ...] | None = None,
        both: bool = False,
    ) -> None:
        self.profile, self.seed, self.engine = profile, seed, engine
        self.rng = random.Random(f"{profile.name}/{seed}")
        self.clock = Clock(START)
        self.faults = CALM
        self.trouble: dict[Side, str] = {}
        self.counts: Counter[str] = Counter()
        self.lines: list[str] = []
        self.tracing = trace
        self.crash_at = crash_at
        self.moments = 0
        self.counting = False
        self.names = names or NAMES[: profile.policies]
        self.both = both
        self.points: list[tuple[str, str]] = []
        self.stopped = False
        self.route = route_of(self.rng)
        self.ledger = SimLedger(self.clock)
        self.watch = Watch(self)
        self.buses = Buses(self)
        self.users = Users(self)
        habits = Habits(
            hides=self.chance(profile.hides),
            clamp=FIRST_LIMIT + 12 if self.chance(profile.clamps) else NO_LIMIT,
            respells=self.chance(profile.respells),
        )
        self.aws = SimAws(self.clock, self._changed)
        self.azure = SimAzure(self.clock, self._changed, habits)
        self.clouds: dict[Side, SimAws | SimAzure] = {Side.AWS: self.aws, Side.AZURE: self.azure}
        self._runs = 0

    def tell(self, line: str) -> None:
        if self.tracing:
            self.lines.append(f"{self.clock.now - START:9.2f}  {line}")

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def chance(self, rate: float) -> bool:
        return rate > 0.0 and self.rng.random() < rate

    def next_run(self) -> int:
        self._runs += 1
        return self._runs

    def next_moment(self, run: Run, effect: Effect) -> str:
        """Whether to crash before or after this effect: the enumeration of crash points."""
        if self.crash_at is None or not self.counting or run.what in {"sweep", "finish"}:
            return ""
        self.moments += 1
        self.points.append((run.id, point(effect)))
        return self.crash_at[1] if self.moments == self.crash_at[0] else ""

    def host(self, side: Side) -> Host:
        """Any instance of the function that lives at ``side``; it may write the other side."""
        skew = self.rng.uniform(-self.faults.skew, self.faults.skew)
        may_write = frozenset(Side) if self.both else frozenset({side.other})
        return Host(f"{side}-function", may_write, side, skew)

    def worker(self, host: Host) -> Worker:
        return Worker(host.name, host.may_write)

    def look(self, host: Host, job: Job, done: Callable[[Run], None]) -> None:
        what = f"look at {job.key.name}"
        run = Run(self, host, what, self.engine(job), done)
        self.tell(f"{run.id} looks at {job.key.name} (skew {host.skew:+.0f} s)")
        run.start()

    def _changed(self, mutation: Mutation) -> None:
        if self.tracing:
            self.tell(f"   {mutation.side} {mutation.name} by {mutation.by}: {difference(mutation)}")
        self.watch.changed(mutation)
        self.buses.changed(mutation)

    def write_as_user(self, side: Side, name: str, after: Document | None) -> None:
        cloud = self.clouds[side]
        there = cloud.there(name)
        if after is None:
            cloud.store(name, None, USER)
        elif isinstance(cloud, SimAzure):
            cloud.put(name, after, USER)
        elif there is None:
            cloud.create(name, after, USER)
        else:
            cloud.update_all(name, after, USER)

    def apply(self, effect: Effect, run: Run, course: Course) -> Any:
        """Perform an effect at this very moment; raises what the real port would raise."""
        match effect:
            case do.Read(side, name, whole):
                return None if course.blind else self.clouds[side].read(name, whole=whole, ago=course.ago)
            case do.Census(side):
                return {} if course.blind else self.clouds[side].census()
            case do.FirstNames(side, after, most):
                return first_names([] if course.blind else [self.clouds[side].census()], after, most)
            case do.Create() | do.Update() | do.Delete():
                return self._write(effect, run)
            case do.Audit(since):
                return tuple(self._trail(since))
        return self._ask_ledger(effect, run)

    def _trail(self, since: float) -> Iterator[Touch]:
        until = self.clock.now - self.profile.audit_lag
        for mutation in self.watch.mutations:
            if mutation.by == USER and mutation.side is Side.AZURE and since <= mutation.at <= until:
                yield Touch(mutation.name, mutation.at)

    def _ask_ledger(self, effect: Effect, run: Run) -> Any:
        match effect:
            case do.LoadLink(key):
                return self.ledger.links.get(key)
            case do.SaveLink():
                return self._save(effect, run)
            case do.LoadScope(route):
                return self.ledger.scope(route)
            case do.SaveScope(scope, entries):
                before = self.ledger.scope(scope.route)
                self.ledger.save_scope(scope, entries)
                return self.watch.deletions.counted(run, before, scope)
            case do.RouteLinks(route, after, most):
                links = sorted(self.ledger.links.items())
                return [link for key, link in links if key.route == route and key.name > after][:most]
            case do.CountLinks(_, limit):
                bound = [link.state is State.BOUND for link in self.ledger.links.values()]
                return min(sum(bound), limit)
        raise TypeError(f"the simulation performs no {type(effect).__name__}")

    def _save(self, effect: do.SaveLink, run: Run) -> None:
        self.ledger.save(effect.link, effect.entries, run.id)
        self.watch.saved(run, effect.link)
        if effect.link.intent is not None and self.chance(self.faults.in_window):
            side = self.rng.choice((Side.AZURE, Side.AZURE, Side.AWS))
            act = partial(self.users.act, effect.link.key.name, side)
            self.clock.after(self.rng.uniform(0.0, 1.0), act)

    def _write(self, effect: do.CloudWrite, run: Run) -> Any:
        cloud = self.clouds[effect.side]
        match effect:
            case do.Create(_, name, document):
                return cloud.create(name, document, run.id)
            case do.Update(_, name, document, base):
                return cloud.update(name, document, base, run.id)
            case do.Delete(_, name, base):
                return cloud.delete(name, base, run.id)

    def stop(self) -> None:
        """A loop was found: nothing more is delivered, so that the run ends."""
        if not self.stopped:
            self.stopped = True
            self.watch.breach("1 loop", f"{self.counts['writes']} writes")

    def sweep(self, side: Side, after: str | None = None) -> None:
        host = self.host(side)
        Run(self, host, "sweep", self._part(host, after), self._swept).start()

    def _part(self, host: Host, after: str | None) -> Program[str | None]:
        """As much of the route as one listing of :data:`LISTED` names tells: what
        :mod:`shared.operations.sweeping` does until its time is over. The name after which to go on."""
        worker = self.worker(host)
        known, progress = yield from take_turn(self.route, worker, after)
        if progress is None:
            return None
        begin, written = progress, list[Link]()
        listed = yield from list_names(progress.after, LISTED)
        while listed.covers(progress.after):
            window = yield from next_window(self.route, listed, progress.after, READ)
            yield from self._survey(host, worker, window)
            written += filter(worth_asking, window.links.values())
            count = counted(window.links.values(), progress.count)
            if window.upto is None:
                yield from self._audited(worker, written)
                yield from finish_sweep(self.route, worker, "digest", count)
                return None
            progress = replace(progress, after=window.upto, count=count)
        yield from self._audited(worker, written)
        time = yield from do.now()
        assert progress != begin
        noted = yield from note_progress(self.route, worker, known, replace(progress, at=time))
        return progress.after if noted else None

    def _survey(self, host: Host, worker: Worker, window: Window) -> Program[None]:
        in_step = set()
        for key in window.to_survey:
            try:
                found = yield from survey(window, Job(key, self.route, worker))
            except MirrorError:
                continue
            if found is not None:
                self.buses.told.append(found)
                in_step.add(key)
        for key in window.keys:
            if key not in in_step:
                self.hand_on(host, key.name)

    def hand_on(self, host: Host, name: str) -> None:
        """By way of the queue."""
        self.buses.send(Message(host.side, name, queued=True), self.rng.uniform(0.0, 20.0))

    def _audited(self, worker: Worker, written: list[Link]) -> Program[None]:
        try:
            yield from find_races(worker, written)
        except MirrorError:
            self.count("audits that failed")

    def _swept(self, run: Run) -> None:
        after: str | None = run.result
        if after is not None:
            self.clock.after(self.rng.uniform(0.0, 20.0), partial(self.sweep, run.host.side, after))

    def play(self) -> World:
        """The whole run: calm beginning, hours of faults, peace, two sweeps, a quiet tail."""
        self.begin()
        self._let_it_go_wrong()
        self.heal()
        return self

    def begin(self) -> None:
        for number, name in enumerate(self.names):
            self.users.create(name, (Side.AWS, Side.AZURE)[number % 2])
        if self.profile.canary:
            self.users.create(CANARY, Side.AZURE)
        self.aws.create(
            OUTSIDE, {"securityProfileName": OUTSIDE, "securityProfileDescription": "S3CRET"}, USER
        )
        self._sweep_both()
        self.clock.run_until(self.clock.now + 600.0)
        if self.profile.canary:  # a route may name it once it stands on both sides
            self.route = replace(self.route, canary=CANARY)

    def _sweep_both(self) -> None:
        for side in Side:
            self.sweep(side)

    def _let_it_go_wrong(self) -> None:
        self.faults = self.profile
        self.tell("-- faults on")
        length = self.profile.hours * HOUR
        self.users.schedule(self.profile.edits, length)
        for _ in range(self.profile.forged):
            self.clock.after(self.rng.uniform(0.0, length), self.buses.forge)
        for _ in range(self.profile.outages):
            self._schedule_outage(length)
        for number in range(1, int(length / SWEEP)):
            when = number * SWEEP
            self.clock.after(when + self.rng.uniform(0.0, 60.0), partial(self.sweep, Side.AWS))
            self.clock.after(when + self.rng.uniform(0.0, 60.0), partial(self.sweep, Side.AZURE))
            self.clock.after(when - 60.0, self.release)
        self.clock.run_until(self.clock.now + length)

    def _schedule_outage(self, span: float) -> None:
        side, kind = self.rng.choice(list(Side)), self.rng.choice(TROUBLE)
        begin, length = (
            self.rng.uniform(0.0, span / 2),
            self.rng.uniform(300.0, self.profile.longest_outage),
        )
        self.clock.after(begin, partial(self._trouble, side, kind))
        self.clock.after(begin + length, partial(self._trouble, side, None))

    def _trouble(self, side: Side, kind: str | None) -> None:
        self.tell(f"-- {side} is {kind or 'back'}")
        self.watch.trouble(side, kind)
        if kind is None:
            self.trouble.pop(side, None)
        else:
            self.count("outages")
            self.trouble[side] = kind

    def release(self) -> None:
        """An operator looks at a frozen route and lets it go on."""
        scope = self.ledger.scope(self.route.id)
        if scope.frozen is not None:
            self.count("freezes")
            self.tell(f"-- released: {scope.frozen}")
            self.ledger.save_scope(replace(scope, rev=scope.rev + 1, frozen=None, deletes={}, updates={}))
            self.watch.deletions.released()

    def heal(self) -> None:
        self.faults = CALM
        for side in list(self.trouble):
            self._trouble(side, None)
        self.tell("-- faults off")
        self.release()
        self.clock.run_until(self.clock.now + self.profile.latest + 60.0)
        for _ in range(2):
            self.release()
            self._sweep_both()
            self.clock.run_until(self.clock.now + ROUND)
        self.tell("-- quiet tail")
        self.watch.quiet = True
        self.buses.told.clear()
        self._sweep_both()
        self.clock.run_until(self.clock.now + ROUND)


def play_script(world: World, script: Callable[[World], None]) -> World:
    """A few user writes on policies in step, with a crash at one point; then peace, as after an hour."""
    world.begin()
    world.counting = True
    script(world)
    world.clock.run_until(world.clock.now + 400.0)
    world.counting = False
    world.heal()
    return world


def difference(mutation: Mutation) -> str:
    before, after = cells_of(mutation.side, mutation.before), cells_of(mutation.side, mutation.after)
    changed = sorted(cell for cell in before.keys() | after.keys() if before.get(cell) != after.get(cell))
    said = (f"{cell[0][:12]}.{cell[1]} {before.get(cell)}>{after.get(cell)}" for cell in changed)
    return "gone" if mutation.after is None else ", ".join(said)


def played(profile: Profile, seed: int, engine: Engine = reconcile, **options: Any) -> World:
    return World(profile, seed, engine, **options).play()
