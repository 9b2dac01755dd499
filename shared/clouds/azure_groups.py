"""Azure device security groups of one IoT hub, over azure-mgmt-security's client.

API version 2019-08-01 (azure-rest-api-specs @aedce982). Requests go through the client as raw JSON, not
through its operations: those make a model of each answer first, even where raw JSON is asked for, and that
step fails on what it does not expect (TypeError, AttributeError) and renames rule types it does not know
(7.0.0, tried 2026-11). Releases from 8.0 on have no model of these rules at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from shared.clouds.azure_arm import Arm, body_of, told_at
from shared.clouds.azure_errors import parent_missing, refusal
from shared.clouds.replies import lost, quoted
from shared.errors import CloudError, Refused, ScopeMissing, StalePage, Unreachable
from shared.sync.ports import Document, Found, Page, Written, pages_of
from shared.telemetry import TRACE
from shared.translation.azure_put import put_body

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

API = "api-version=2019-08-01"
_TYPE = "Microsoft.Security/deviceSecurityGroups"
REQUEST_ID = "x-ms-client-request-id"
"""Header that Azure's Activity Log and its events repeat (azure-docs, request headers of ARM, 2026)."""

CORRELATION_ID = "x-ms-correlation-request-id"
"""Header that becomes the correlation id of the Activity Log and its events (azure-docs, request headers of
ARM, 2026): what a write follows from."""

READ, WRITE, DELETE = (f"{_TYPE}/{verb}" for verb in ("read", "write", "delete"))
"""The permissions that are needed."""

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no UTF-8 says it


class AzureGroups:
    """The :class:`~shared.sync.ports.Cloud` over ARM. Documents are what GET answers."""

    def __init__(
        self, client: SecurityCenter, hub_resource_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._arm = Arm(client, clock)
        hub = hub_resource_id.strip("/")
        self._hub_id, self._hub = hub, hub.rpartition("/")[2]
        self._groups = f"/{quote(hub, safe='/()')}/providers/{_TYPE}"

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        """``whole`` makes no difference: the document is all there is.

        A 404 alone is not believed. A hub that is gone, or a provider that was retired, says 404 as well; so
        the hub has to list its groups, without this one, before None is the answer.
        """
        del whole
        where, until = self._where(name), self._arm.deadline()
        response = self._arm.get(self._url(name), where, READ, until)
        if response.status_code == 200:
            return _found(body_of(response), name, where, told_at(response))
        self._confirm_absent(name, response, refusal(response, where, READ), until)
        return None

    def census(self) -> Mapping[str, Found | None]:
        """The whole hub, with documents."""
        pages = pages_of(self, self._whole_hub)
        return {name: group for page in pages for name, group in page.items()}

    def page(self, at: str | None = None) -> Page:
        """What Azure says of a ``nextLink`` that is not good any more is UNCONFIRMED: whatever it refuses of
        one is taken for that."""
        if at is not None and not self._ours(at):
            raise StalePage(self._whole_hub, "its next page lies outside the hub")
        try:
            groups, following = self._page(self._arm.deadline(), at)
        except (Refused, ScopeMissing):
            if at is None:
                raise
            raise StalePage(self._whole_hub, "Azure does not go on with the listing where it was") from None
        found = [_found(group, "", self._whole_hub) for group in groups]
        return Page({group.name: group for group in found}, following)

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        """Azure has no conditional create: read first. It answers 200 whether the group was there or not (all
        recordings, 2019-09 to 2020-12), so RevisionConflict is never raised and no surprise shows."""
        _, found = self._put(name, document, request)
        return Written(found, told_at=found.told_at)

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        """Azure has no ETag: whatever was written since ``base`` was read is overwritten."""
        del base
        status, found = self._put(name, document, request)
        gone = "the group was gone: somebody deleted it in between" if status == 201 else None
        return Written(found, gone, found.told_at)

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        del base
        where = self._where(name)
        response = self._write("DELETE", name, where, DELETE, request)
        if response.status_code == 200:
            return Written(None, told_at=told_at(response))
        if response.status_code != 204:
            refused = refusal(response, where, DELETE, write=True)
            self._confirm_absent(name, response, refused, self._arm.deadline())
        gone = "the group was gone already: somebody deleted it in between"
        return Written(None, gone, told_at(response))

    def ensure_metric(self, name: str, kind: str) -> None:
        """Azure's rule types are fixed: there is nothing to create."""

    def _put(self, name: str, document: Document, request: str | None) -> tuple[int, Found]:
        where = self._where(name)
        response = self._write("PUT", name, where, WRITE, request, put_body(document))
        if response.status_code not in {200, 201}:
            raise refusal(response, where, WRITE, write=True)
        found = _found(body_of(response), name, where, told_at(response), write=True)
        return response.status_code, found

    def _confirm_absent(self, name: str, response: HttpResponse, refused: CloudError, until: float) -> None:
        """Raises ``refused`` where the answer is not about this very group."""
        if response.status_code != 404 or parent_missing(response):
            raise refused
        page, _ = self._page(until)
        if any(_name(group).casefold() == name.casefold() for group in page):
            raise Unreachable(refused.where, "answered 404, yet its hub lists it: try later")

    def _page(self, until: float, at: str | None = None) -> tuple[list[Any], str | None]:
        return self._arm.page(at or f"{self._groups}?{API}", self._whole_hub, READ, until)

    def _ours(self, at: str) -> bool:
        """Links to next pages lie in the ledger meanwhile: none may lead this identity to anything but the
        hub. They are paths on our own ARM in any case."""
        path = unquote(at.partition("?")[0])
        return path.casefold().startswith(f"/{self._hub_id}/".casefold()) and ".." not in path

    def _write(
        self,
        method: str,
        name: str,
        where: str,
        action: str,
        request: str | None,
        body: Document | None = None,
    ) -> HttpResponse:
        from azure.core.rest import HttpRequest

        told = {REQUEST_ID: request, CORRELATION_ID: _uuid(TRACE.get())}
        headers = {name: value for name, value in told.items() if value}
        put = HttpRequest(method, self._url(name), headers=headers, json=body)
        return self._arm.write(put, where, action)

    def _url(self, name: str) -> str:
        return f"{self._groups}/{quote(name, safe='')}?{API}"

    def _where(self, name: str) -> str:
        """Also checks the name, before it becomes part of an address where `..` would name something else."""
        where = f"Azure device security group {quoted(name)} on hub {self._hub}"
        if name in {"", ".", ".."} or _SURROGATE.search(name):
            raise Refused(where, "this is no name that an address can carry")
        return where

    @property
    def _whole_hub(self) -> str:
        return f"Azure device security groups of hub {self._hub}"


def _name(group: Any) -> str:
    """As the cloud spells it; empty where the document says none."""
    name = group.get("name") if isinstance(group, dict) else None
    return name if isinstance(name, str) else ""


def _found(document: Any, name: str, where: str, at: float | None = None, *, write: bool = False) -> Found:
    spelt = _name(document) or name
    if not isinstance(document, dict) or not spelt:
        raise lost(where, "the answer is no device security group", write=write)
    return Found(spelt, document, told_at=at)


def _uuid(trace: str) -> str:
    """A trace id with a UUID's hyphens; empty where there is none."""
    cuts = (0, 8, 12, 16, 20, 32)
    return "-".join(trace[a:b] for a, b in pairwise(cuts)) if trace else ""
