"""What a route lets a pair of documents share."""

from __future__ import annotations

from shared.policy.loss import Effect
from shared.routes.custom_metrics import CustomMetrics
from shared.routes.route import Route
from shared.translation.catalog import CATALOG, Binding, stem
from shared.translation.pairing import Options


def pairing_options(route: Route) -> Options:
    """The translator's options for ``route``: equal routes give equal options, whatever their order."""
    return Options(
        windows=route.window_seconds,
        protocol=route.protocol.capitalize(),
        custom=_custom(route.custom_metrics),
        hold_suppressed=route.suppressed == "hold",
        source=next(iter(route.sources)) if len(route.sources) == 1 else None,
        approximate=frozenset(map(Effect, route.approximate)),
    )


def _custom(settings: CustomMetrics) -> tuple[tuple[str, str], ...]:
    """(rule type stem, metric) of every binding: those that the route lists, else all that the catalogue
    suggests. A list is a choice: what it leaves out stays held."""
    if settings.mode == "off":
        return ()
    return tuple(sorted((settings.metrics or suggested_metrics()).items()))


def suggested_metrics() -> dict[str, str]:
    """``FailedLocalLogins`` -> ``failed-local-logins``: the custom metrics that the catalogue suggests."""
    return {
        stem(row.azure.native): row.aws.native
        for row in CATALOG
        if isinstance(row.azure, Binding) and isinstance(row.aws, Binding) and row.aws.custom is not None
    }
