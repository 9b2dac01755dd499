"""Microsoft Entra and the identity endpoints of Azure's machines, as far as the two functions ask them.

The token endpoint takes an assertion of AWS's for a federated credential, and verifies it in earnest. App
Service's and a virtual machine's endpoint give tokens of the identities that are attached. Error codes and
texts are those that users quote (read 2026-11); the tokens are v1, as an application asks for by default.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from functions.local.sandbox.signing import Distrusted, Signer, verified

ARM = "https://management.azure.com/"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class FederatedCredential:
    issuer: str
    subject: str
    audience: str


@dataclass
class Identity:
    """``user``: its tokens for ARM are no JSON web tokens but the sandbox's own, which name this user."""

    client_id: str
    principal_id: str
    trusts: list[FederatedCredential] = field(default_factory=list)
    attached: bool = True
    user: str | None = None


class EntraError(Exception):
    """``code`` None: an answer that is not Entra's own, from something before it."""

    def __init__(self, status: int, code: int | None, text: str, error: str = "invalid_client") -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.error = status, code, text, error


@dataclass
class Entra:
    """One tenant. ``applications``: Application ID URIs. ``places``: where each issuer's keys are.
    ``failing`` answers come first."""

    tenant: str
    signer: Signer
    header: str = "app-service-secret"
    clock: Callable[[], float] = time.time
    identities: dict[str, Identity] = field(default_factory=dict)
    applications: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    lifetime: float = 3600.0
    v2: bool = False
    failing: list[EntraError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.endswith("/.well-known/openid-configuration"):
            return _json(200, self.signer.discovery(f"{request.host_url}{self.tenant}/discovery/keys"))
        if request.path == f"/{self.tenant}/discovery/keys":
            return _json(200, self.signer.keys())
        endpoint = {"POST": self._token, "GET": self._managed}[request.method]
        self.asked.append(request.path)
        try:
            if self.failing:
                raise self.failing.pop(0)
            return _json(200, endpoint(request))
        except EntraError as error:
            return _refused(error, managed=request.method == "GET")

    def _token(self, request: Request) -> dict[str, Any]:
        form, tenant = request.form, request.path.strip("/").partition("/")[0]
        if tenant != self.tenant:
            raise EntraError(400, 90002, f"Tenant '{tenant}' not found.", "invalid_request")
        identity = self.identities.get(form.get("client_id", ""))
        if identity is None:
            raise EntraError(
                400, 700016, "Application was not found in the directory.", "unauthorized_client"
            )
        if form.get("client_assertion_type") != BEARER:
            raise EntraError(401, 7000216, "'client_assertion' or 'client_secret' is required.")
        self._match(identity, form["client_assertion"])
        return self._granted(
            identity, form["scope"].removesuffix("/.default"), {"expires_in": int(self.lifetime)}
        )

    def _match(self, identity: Identity, assertion: str) -> None:
        """Issuer, audience, subject: in that order Entra says which one matches nothing."""
        if not identity.trusts:
            raise EntraError(401, 70025, "The client has no configured federated identity credentials.")
        known = {trust.issuer: self.places[trust.issuer] for trust in identity.trusts}
        try:
            claims = verified(assertion, known, self.clock())
        except Distrusted as error:
            raise _distrust(error.why) from None
        trusts = [trust for trust in identity.trusts if trust.issuer == claims["iss"]]
        for code, claim, allowed in (
            (700212, "aud", {trust.audience for trust in trusts}),
            (700213, "sub", {trust.subject for trust in trusts}),
        ):
            if claims.get(claim) not in allowed:
                raise _no_match(code, claim, claims.get(claim))

    def _managed(self, request: Request) -> dict[str, Any]:
        if request.path == "/msi/token" and request.headers.get("X-IDENTITY-HEADER") != self.header:
            raise EntraError(401, None, "The identity header is missing or wrong")
        if request.path != "/msi/token" and request.headers.get("Metadata") != "true":
            raise EntraError(400, None, "Required metadata header not specified")
        asked, resource = request.args.get("client_id"), request.args["resource"]
        attached = [it for it in self.identities.values() if it.attached and asked in {None, it.client_id}]
        if not attached:
            raise EntraError(400, None, "No User Assigned or Delegated Managed Identity found")
        lifetime, expires = str(int(self.lifetime)), str(int(self.clock() + self.lifetime))
        more = {"expires_in": lifetime, "expires_on": expires, "resource": resource}
        return self._granted(attached[0], resource, more)

    def _granted(self, identity: Identity, resource: str, more: Mapping[str, Any]) -> dict[str, Any]:
        if resource.rstrip("/") + "/" != ARM and resource not in self.applications:
            text = f"The resource principal named {resource} was not found in the tenant."
            raise EntraError(400, 500011, text, "invalid_resource")
        now = self.clock()
        claims: dict[str, Any] = {
            "aud": resource,
            "sub": identity.principal_id,
            "oid": identity.principal_id,
            "tid": self.tenant,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + self.lifetime),
        }
        claims |= {"azp": identity.client_id} if self.v2 else {"appid": identity.client_id}
        own = identity.user is not None and resource not in self.applications
        token = f"user.{identity.user}" if own else self.signer.sign(claims)
        return {"access_token": token, "token_type": "Bearer", **more}


def _distrust(why: str) -> EntraError:
    match why:
        case "issuer":
            return _no_match(700211, "issuer", "https://issuer")
        case "unreachable":
            return EntraError(400, 90061, "Request to External OIDC endpoint failed.", "invalid_request")
        case "expired" | "early":
            return EntraError(401, 700024, "Client assertion is not within its valid time range.")
        case _:
            return EntraError(401, 50013, "Assertion failed signature validation.")


def _no_match(code: int, claim: str, said: Any) -> EntraError:
    name = {"aud": "audience", "sub": "subject"}.get(claim, claim)
    text = f"No matching federated identity record found for presented assertion {name} '{said}'."
    return EntraError(401, code, text)


def _refused(error: EntraError, *, managed: bool) -> Response:
    if error.code is None and error.status >= 500:
        return Response("<html>upstream</html>", status=error.status, content_type="text/html")
    said = error.text if error.code is None else f"AADSTS{error.code}: {error.text} Trace ID: {uuid.uuid4()}"
    if managed:
        return _json(error.status, {"statusCode": error.status, "message": said})
    return _json(error.status, {"error": error.error, "error_description": said, "error_codes": [error.code]})


def _json(status: int, content: Mapping[str, Any]) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")
