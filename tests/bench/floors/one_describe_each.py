"""The least that a sweep needs: both listings and the ledger's, then one describe for each link."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor


def see_every_link(
    list_both_and_ledger: Iterable[Callable[[], object]],
    describe: Callable[[str], object],
    names: Iterable[str],
    pool: Executor,
) -> None:
    for listed in [pool.submit(call) for call in list_both_and_ledger]:
        listed.result()
    for _ in pool.map(describe, names):
        pass
