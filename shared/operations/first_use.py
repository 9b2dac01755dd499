"""The mirror is built when the first event needs it: what concerns nobody loads no engine and no SDK."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import BadInput
from shared.operations.requests import NotReady

if TYPE_CHECKING:
    from shared.operations.mirror import Mirror

GetMirror = Callable[[], "Mirror"]


def once(build: GetMirror) -> GetMirror:
    """``build``, asked until it succeeds once. Raises NotReady where that raises BadInput: the deployment is
    to blame, not the delivery that asked for it."""

    @cache
    def built() -> Mirror:
        try:
            return build()
        except BadInput as error:
            raise NotReady(str(error)) from None

    return built
