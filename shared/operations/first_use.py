"""The mirror is built when the first event needs it: what concerns nobody loads no engine and no SDK."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import BadInput
from shared.operations.requests import NotReady

if TYPE_CHECKING:
    from shared.operations.mirror import Mirror

GetMirror = Callable[[], "Mirror"]


def once(build: GetMirror) -> GetMirror:
    """``build``, asked until it succeeds once, whichever thread comes first: what mirrors share, such as the
    paces of the clouds' quotas, is only shared in one. Raises NotReady where that raises BadInput: the
    deployment is to blame, not the delivery that asked for it."""
    lock = threading.Lock()

    @cache
    def built() -> Mirror:
        try:
            with loading():
                return build()
        except BadInput as error:
            raise NotReady(str(error)) from None

    def mirror() -> Mirror:
        with lock:
            return built()

    return mirror


@contextmanager
def loading() -> Iterator[None]:
    """Looks for no garbage meanwhile, nor later among what is there then. The modules and models of both SDKs
    are some 130,000 objects that stay: to go through them again and again took a seventh of a cold start's
    CPU (CPython 3.13, 2026-11).

    What else is under way is left out with them for good, if it is garbage that holds itself: so only around
    what happens once in a process, or once for a route.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if looked:
            gc.enable()
