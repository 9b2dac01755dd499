"""Azure's Activity Log: who wrote the device security groups of one IoT hub.

API version 2015-04-01 (azure-rest-api-specs @02f4472e, activityLogs_API.json, read 2026-11). Its filter takes
times and one of resource group, resource, provider and correlation id. The hub's resource group is asked for,
not each group's id: like its events, the record of an extension resource may lie under its parent's id
(UNCONFIRMED), and the name is looked for wherever it may stand. Records come some minutes late.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.clouds.azure_arm import Arm
from shared.errors import Unreachable
from shared.routes.resource_ids import WRITES, group_id, path_of
from shared.sync.ports import Touch

if TYPE_CHECKING:
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

READ = "Microsoft.Insights/eventtypes/values/Read"
"""The permission that is needed, on the hub's resource group or above (UNCONFIRMED whether less will do)."""

MOST_PAGES = 100
_SELECT = "authorization,claims,eventTimestamp,httpRequest,operationName,resourceId,status"


class ActivityTrail:
    """The :class:`~shared.sync.ports.AuditTrail` over ARM. ``own``: client id of the identity that writes the
    hub for us, if it is known."""

    def __init__(
        self,
        client: SecurityCenter,
        hub_resource_id: str,
        own: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arm = Arm(client, clock)
        self._hub = f"/{hub_resource_id.strip('/').lower()}"
        self._own = own
        _, _, subscription, _, self._resource_group, *_ = f"/{hub_resource_id.strip('/')}".split("/")
        log = f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values"
        self._log = f"{quote(log)}?api-version=2015-04-01&$select={_SELECT}&$filter="

    def foreign_writes(self, since: float) -> Iterator[Touch]:
        for record in self._records(since):
            touch = self._touch(record)
            if touch is not None and touch.foreign(self._own):
                yield touch

    def _records(self, since: float) -> Iterator[Any]:
        """Newest first, as the service gives them."""
        where = f"Activity Log of resource group {self._resource_group}"
        begin = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        asked = f"eventTimestamp ge '{begin}' and resourceGroupName eq '{self._resource_group}'"
        pages = self._arm.pages(self._log + quote(asked), where, READ)
        for page in islice(pages, MOST_PAGES):
            yield from page
        if next(pages, None) is not None:
            raise Unreachable(where, f"it has more than {MOST_PAGES} pages since {begin}")

    def _touch(self, record: Any) -> Touch | None:
        """None for anything but a write of a group of this hub that succeeded."""
        if not isinstance(record, dict) or _value(record, "status").lower() != "succeeded":
            return None
        if not WRITES.fullmatch(_value(record, "operationName")):
            return None
        name, at = self._name(record), _instant(record.get("eventTimestamp"))
        if name is None or at is None:
            return None
        request, claims = _member(record, "httpRequest"), _member(record, "claims")
        return Touch(name, at, _text(request.get("clientRequestId")), _text(claims.get("appid")))

    def _name(self, record: Mapping[str, Any]) -> str | None:
        """The first id that names a group of this hub."""
        scope, uri = _member(record, "authorization").get("scope"), _member(record, "httpRequest").get("uri")
        for resource_id in (record.get("resourceId"), scope, path_of(uri)):
            try:
                group = group_id(resource_id) if isinstance(resource_id, str) else None
            except ValueError:
                continue
            if group is not None and group.hub == self._hub and group.name is not None:
                return group.name
        return None


def _member(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _value(record: Mapping[str, Any], name: str) -> str:
    """Of a text that also comes in the reader's language."""
    value = _member(record, name).get("value")
    return value if isinstance(value, str) else ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _instant(value: Any) -> float | None:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, TypeError, ValueError):
        return None
