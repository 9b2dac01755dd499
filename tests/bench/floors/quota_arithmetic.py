"""The time that reading takes at a share of a quota, if not one call of it is left unused."""

from __future__ import annotations


def seconds(links: int, quota: float, share: float) -> float:
    return links / (quota * share)
