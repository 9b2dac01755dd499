"""SnapStart: what is ready in the snapshot, so that no event waits for it after a restore, and what is fresh.

Lambda runs INIT and the hooks of :class:`Snapshot` when a version is published, and starts each container
from the memory that is left. (AWS Lambda guide, "Improving startup performance with Lambda SnapStart", its
runtime hooks for Python and its handling of uniqueness, 2026.)

===================  ======================================================================================
 in the snapshot      all modules; the routes, where they can no longer change; clients of AWS, rehearsed;
                      an engine that has made a look
 fresh                credentials, tokens and connections: none is there before the first event
                      the clock: nothing has asked for the time, and no listing was read
                      ``random``, which would draw the same in every container; uuid and secrets ask Linux
===================  ======================================================================================
"""

from __future__ import annotations

import gc
import logging
import random
import re
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from shared.errors import MirrorError

if TYPE_CHECKING:
    from shared.operations.first_use import GetMirror
    from shared.operations.mirror import Mirror

LOADED = (
    "shared.bootstrap.workers",
    "shared.operations.commands.run",
    "shared.operations.summary",
    "yaml",
    "boto3",
    "botocore.credentials",
    "botocore.httpsession",
    "azure.core.pipeline.transport._requests_basic",
    "azure.identity",
    "azure.mgmt.core.policies",
    "azure.mgmt.security.v2019_08_01",
)
"""Also where no mirror can be built yet."""

REHEARSED = 10
"""Routes: an estate may have a thousand, and one takes some 50 ms."""

_VERSION = re.compile(r"ssm:.+:[0-9]+")


def prepared(build: GetMirror, environ: Mapping[str, str]) -> GetMirror:
    """``build``; or where Lambda takes a snapshot of this container, the mirror that is ready in it."""
    if environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return build
    snapshot = Snapshot(build, environ)
    runtime = import_module("snapshot_restore_py")
    runtime.register_before_snapshot(snapshot.before)
    runtime.register_after_restore(snapshot.after)
    return snapshot.mirror


class Snapshot:
    """The hooks of the runtime, and the mirror that they make ready."""

    def __init__(self, build: GetMirror, environ: Mapping[str, str]) -> None:
        self._build = build
        self._environ = environ
        self._ready: Mirror | None = None

    def mirror(self) -> Mirror:
        return self._build() if self._ready is None else self._ready

    def before(self) -> None:
        """What cannot be had is left to the first event, which says why: the version is published all the
        same."""
        for name in LOADED:
            import_module(name)
        try:
            self._prepare()
        except MirrorError as error:
            logging.getLogger(__name__).warning("the snapshot lacks something: %s", error)
        gc.collect()
        gc.freeze()  # what is here stays: no collection in an event looks at it again (8 ms of the first one)

    def after(self) -> None:
        random.seed()
        if not routes_last(self._environ):
            self._ready = None

    def _prepare(self) -> None:
        from shared.bootstrap.workers import aws_function
        from shared.clouds.rehearsal import NAME, Rehearsal
        from shared.operations import first_look
        from shared.sync.link import LinkKey
        from shared.translation.side import Side

        rehearsal = Rehearsal()
        mirror = self._ready = aws_function(self._environ, rehearsal)
        for route in mirror.routes.routes[:REHEARSED]:
            read = partial(mirror.clouds(route)[Side.AWS].read, NAME)
            rehearsal.play(read, partial(mirror.ledger.link, LinkKey(route.id, NAME)))
        for route in mirror.routes.routes[:1]:
            first_look.look(route, mirror.worker, mirror.pool)


def routes_last(environ: Mapping[str, str]) -> bool:
    """A version of a parameter never changes, nor does what is in the bundle or its settings."""
    place = environ.get("POLICY_MIRROR_ROUTES", "")
    return not place.startswith("ssm:") or _VERSION.fullmatch(place) is not None
