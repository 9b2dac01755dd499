"""The engine, with what it asks and what it is told tampered with on the way."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from shared.errors import MirrorError
from shared.sync.effects import Effect, Program
from shared.sync.job import Outcome

Request = Effect | tuple[Effect, ...]
Ask = Callable[[Effect], Generator[Request, Any, Any]]


def _all(effects: tuple[Effect, ...], perform: Ask) -> Generator[Request, Any, list[Any]]:
    if not effects:
        return []
    first = yield from perform(effects[0])
    return [first, *(yield from _all(effects[1:], perform))]


def tampered(program: Program[Outcome], perform: Ask) -> Program[Outcome]:
    """The program with each of its effects performed by ``perform``, one after the other."""
    try:
        request = next(program)
        while True:
            try:
                effects = request if isinstance(request, tuple) else (request,)
                answers = yield from _all(effects, perform)
            except MirrorError as error:
                request = program.throw(error)
            else:
                request = program.send(tuple(answers) if isinstance(request, tuple) else answers[0])
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
