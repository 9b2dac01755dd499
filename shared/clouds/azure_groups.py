"""Azure device security groups of one IoT hub, over azure-mgmt-security's client.

API version 2019-08-01 (azure-rest-api-specs @aedce982). Requests go through the client as raw JSON, not
through its operations: those make a model of each answer first, even where raw JSON is asked for, and that
step fails on what it does not expect (TypeError, AttributeError) and renames rule types it does not know
(7.0.0, tried 2026-11). Releases from 8.0 on have no model of these rules at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from shared.clouds.azure_errors import action_of, asking, parent_missing, refusal
from shared.clouds.azure_pipeline import policies
from shared.clouds.replies import lost, quoted
from shared.errors import Refused, Unreachable
from shared.sync.ports import Document, Found, Written
from shared.translation.azure_put import put_body

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpResponse
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

API = "api-version=2019-08-01"
ARM = "https://management.azure.com"
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no UTF-8 says it


def arm_client(
    credential: TokenCredential,
    *,
    base_url: str | None = None,
    user_agent: str = "policy-mirror",
    transport: HttpTransport[Any, Any] | None = None,
    read_timeout: float = 5,
) -> SecurityCenter:
    """Attempts take at most 3 s to connect and ``read_timeout`` to answer. Threads may share it.

    ``base_url``: only for a place that stands in for ARM; plain HTTP is spoken to this machine alone.
    ``transport``: in place of the usual one over requests.
    """
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

    base = base_url or ARM
    return SecurityCenter(
        credential,
        "-",  # each address names its own subscription
        base,
        policies=policies(credential, base_url=base, user_agent=user_agent),
        transport=transport,
        connection_timeout=3,
        read_timeout=read_timeout,
    )


class AzureGroups:
    """The :class:`~shared.sync.ports.Cloud` over ARM. Documents are what GET answers."""

    def __init__(self, client: SecurityCenter, hub_resource_id: str) -> None:
        self._client = client
        hub = hub_resource_id.strip("/")
        self._hub = hub.rpartition("/")[2]
        self._groups = f"/{quote(hub, safe='/()')}/providers/Microsoft.Security/deviceSecurityGroups"

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        """``whole`` makes no difference: the document is all there is.

        A 404 alone is not believed. A hub that is gone, or a provider that was retired, says 404 as well; so
        the hub has to list its groups, without this one, before None is the answer.
        """
        del whole
        where = self._where(name)
        response = self._send("GET", self._url(name), where)
        if response.status_code == 200:
            return _found(_json(response), name, where)
        self._confirm_absent(name, response, where, write=False)
        return None

    def census(self) -> Mapping[str, Found | None]:
        """The whole hub, with documents."""
        where = self._whole_hub
        found = [_found(group, "", where) for page in self._pages() for group in page]
        return {group.name: group for group in found}

    def create(self, name: str, document: Document) -> Written:
        """Azure has no conditional create: read first. It answers 200 whether the group was there or not (all
        recordings, 2019-09 to 2020-12), so RevisionConflict is never raised and no surprise shows."""
        _, found = self._put(name, document)
        return Written(found)

    def update(self, name: str, document: Document, base: Found) -> Written:
        """Azure has no ETag: whatever was written since ``base`` was read is overwritten."""
        del base
        status, found = self._put(name, document)
        gone = status == 201
        return Written(found, "the group was gone: somebody deleted it in between" if gone else None)

    def delete(self, name: str, base: Found) -> Written:
        del base
        where = self._where(name)
        response = self._send("DELETE", self._url(name), where)
        if response.status_code == 200:
            return Written(None)
        if response.status_code != 204:
            self._confirm_absent(name, response, where, write=True)
        return Written(None, "the group was gone already: somebody deleted it in between")

    def ensure_metric(self, name: str, kind: str) -> None:
        """Azure's rule types are fixed: there is nothing to create."""

    def _put(self, name: str, document: Document) -> tuple[int, Found]:
        where = self._where(name)
        response = self._send("PUT", self._url(name), where, put_body(document))
        if response.status_code not in {200, 201}:
            raise refusal(response, where, write=True)
        return response.status_code, _found(_json(response), name, where, write=True)

    def _confirm_absent(self, name: str, response: HttpResponse, where: str, *, write: bool) -> None:
        if response.status_code != 404 or parent_missing(response):
            raise refusal(response, where, write=write)
        page = next(self._pages())
        if any(_name(group).casefold() == name.casefold() for group in page):
            raise Unreachable(where, "answered 404, yet its hub lists it: try later")

    def _pages(self) -> Iterator[list[Any]]:
        """Each page's groups. Following pages are asked of our own ARM, whatever host their link names: the
        token goes nowhere else."""
        url: str | None = f"{self._groups}?{API}"
        seen: set[str] = set()
        while url is not None:
            if url in seen:
                raise Unreachable(self._whole_hub, "the listing leads back to a page that was read already")
            seen.add(url)
            response = self._send("GET", url, self._whole_hub)
            if response.status_code != 200:
                raise refusal(response, self._whole_hub)
            page = _json(response)
            if not isinstance(page, dict) or not isinstance(page.get("value"), list):
                raise Unreachable(self._whole_hub, "the listing is no list of groups")
            yield page["value"]
            url = _following(page.get("nextLink"))

    def _send(self, method: str, url: str, where: str, body: Document | None = None) -> HttpResponse:
        """A read is tried up to three times; a write once, for it may have been applied."""
        from azure.core.rest import HttpRequest

        write = method != "GET"
        request = HttpRequest(method, url, json=body)
        options: dict[str, Any] = {"retry_total": 0} if write else {"timeout": 8}
        with asking(where, action_of(method), write=write):
            # The generated client's way for a request of one's own (azure-sdk docs, "send_request").
            return self._client._send_request(request, **options)  # noqa: SLF001 - see above

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


def _following(link: Any) -> str | None:
    if not isinstance(link, str) or not link:
        return None
    parts = urlsplit(link)
    return quote(f"{parts.path}?{parts.query}", safe="/?&=%$,;:@+!*'()~")


def _json(response: HttpResponse) -> Any:
    try:
        return response.json()
    except (RecursionError, ValueError):
        return None


def _name(group: Any) -> str:
    """As the cloud spells it; empty where the document says none."""
    name = group.get("name") if isinstance(group, dict) else None
    return name if isinstance(name, str) else ""


def _found(document: Any, name: str, where: str, *, write: bool = False) -> Found:
    spelt = _name(document) or name
    if not isinstance(document, dict) or not spelt:
        raise lost(where, "the answer is no device security group", write=write)
    return Found(spelt, document)
