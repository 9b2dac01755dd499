"""A rehearsal of the calls of a first look, before a snapshot is taken: all is done but signing and sending.

Both SDKs leave much to the first call: botocore reads the rules of a service's endpoints and builds what
makes requests and reads answers, azure-identity looks up its authority. Clients of AWS are rehearsed
themselves, and are answered before anything is signed: they then hold neither credentials nor connections.
Those of Azure keep tokens and what their authority told them, so it is others that are rehearsed there, and
thrown away: what they load is loaded once for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from shared.clouds.federation import azure_credential_from_aws

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.session import Session
    from mypy_boto3_sts.client import STSClient
    from requests import PreparedRequest, Response

NAME = "policy-mirror-rehearsal"
"""Of the policy that is asked for: nobody is told of it."""

_TOKEN = (
    b"<GetWebIdentityTokenResponse><GetWebIdentityTokenResult><WebIdentityToken>none</WebIdentityToken>"
    b"</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>"
)
_AWS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "dynamodb": (200, {}, b"{}"),
    "iot": (404, {"x-amzn-errortype": "ResourceNotFoundException"}, b'{"message": "a rehearsal"}'),
    "sts": (200, {}, _TOKEN),
}
"""Status, headers and body, by botocore's name of the service: there is no such item, and no such profile."""


class Rehearsal:
    """While it plays, clients of sessions that it attends send nothing and need no credentials."""

    def __init__(self) -> None:
        self._on = False
        self._sign_ins: list[Callable[[], object]] = []

    def attend(self, session: Session) -> None:
        """Before the session makes its first client, for each takes the handlers that are there then."""
        events = session.get_component("event_emitter")
        events.register_first("choose-signer", self._unsigned)
        events.register_first("before-send", self._answer)

    def sign_in(self, tenant_id: str, client_id: str, sts: STSClient, hub: str) -> None:
        """To be played: a sign-in with Azure from AWS, and a look at ``hub``."""
        self._sign_ins.append(partial(_sign_in, tenant_id, client_id, sts, hub))

    def play(self, *parts: Callable[[], object]) -> None:
        """These, and the sign-ins that were asked for."""
        self._on = True
        try:
            for part in (*parts, *self._sign_ins):
                part()
        finally:
            self._on = False
            self._sign_ins.clear()

    def _unsigned(self, **_: Any) -> Any:
        from botocore import UNSIGNED

        return UNSIGNED if self._on else None

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        if not self._on:
            return None
        from botocore.awsrequest import AWSResponse

        status, headers, body = _AWS[event_name.split(".")[1]]
        return AWSResponse(request.url, status, cast("Any", headers), _stream(body))


def _sign_in(tenant_id: str, client_id: str, sts: STSClient, hub: str) -> None:
    from azure.core.pipeline.transport import RequestsTransport
    from requests import Session

    with Session() as session:
        session.mount("https://", _adapter())
        transport: Any = RequestsTransport(session=session, session_owner=False)
        credential = azure_credential_from_aws(tenant_id, client_id, sts, transport=transport)
        AzureGroups(arm_client(credential, transport=transport), hub).read(NAME)


def _adapter() -> Any:
    from requests.adapters import HTTPAdapter

    class NothingSent(HTTPAdapter):
        def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
            status, told = _azure(str(request.url))
            answer: Response = self.build_response(request, _stream(json.dumps(told).encode(), status))
            return answer

    return NothingSent()


def _azure(url: str) -> tuple[int, Any]:
    """The group is not there, and its hub, which is asked next, has none."""
    place = urlsplit(url)
    authority = f"https://{place.netloc}/{place.path.split('/')[1]}"
    if place.path.endswith("/openid-configuration"):
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "issuer": "v2.0"}
        return 200, {name: f"{authority}/{end}" for name, end in ends.items()}
    if place.path.endswith("/discovery/instance"):
        return 200, {"tenant_discovery_endpoint": f"{authority}/openid-configuration", "metadata": []}
    if place.path.endswith("/token"):
        return 200, {"access_token": "none", "expires_in": 3600, "token_type": "Bearer"}
    if place.path.endswith(f"/{NAME}"):
        return 404, {"error": {"code": "NotFound", "message": "a rehearsal"}}
    return 200, {"value": []}


def _stream(body: bytes, status: int = 200) -> Any:
    from io import BytesIO

    from urllib3 import HTTPResponse

    kind = {"content-type": "application/json"}
    return HTTPResponse(BytesIO(body), kind, status=status, preload_content=False)
