"""AWS STS on loopback, as far as the two functions ask it: tokens for Azure, and roles for Azure's tokens.

GetWebIdentityToken and AssumeRoleWithWebIdentity as in botocore 1.44's model and the STS API reference
(2026-11). Tokens are verified in earnest; a SigV4 signature is believed, its date is not.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from functions.local.sandbox.signing import Claims, Distrusted, Signer, verified

SKEW = 300
"""Seconds that a request's date may be off (AWS IAM user guide, 2026)."""

_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256\b.*\bCredential=([^/,\s]{1,128})/")


class StsError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class WebTrust:
    """A role's trust policy: one OpenID Connect provider, with conditions on audience and subject."""

    issuer: str
    audience: str
    subject: str


@dataclass
class Sts:
    """``callers``: whose access key ids sign requests, by role ARN. ``providers``: audiences that each OpenID
    Connect provider lists, by issuer. ``places``: where their keys are. ``trusts``, ``assumers``: who may
    become a role, from outside and from inside. ``failing`` answers come first."""

    signer: Signer
    clock: Callable[[], float] = time.time
    outbound: bool = True
    callers: dict[str, str] = field(default_factory=dict)
    may_sign: set[str] = field(default_factory=set)
    providers: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    trusts: dict[str, WebTrust] = field(default_factory=dict)
    assumers: dict[str, set[str]] = field(default_factory=dict)
    lifetime: float = 3600.0
    failing: list[StsError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        return self._respond(request)(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.endswith("/.well-known/openid-configuration"):
            return _json_response(self.signer.discovery(f"{request.host_url}.well-known/jwks.json"))
        if request.path.endswith("/.well-known/jwks.json"):
            return _json_response(self.signer.keys())
        action = request.form.get("Action", "")
        self.asked.append(action)
        operations = {
            "GetWebIdentityToken": self._sign,
            "AssumeRole": self._assume_from_aws,
            "AssumeRoleWithWebIdentity": self._assume,
            "GetCallerIdentity": self._caller,
        }
        try:
            if self.failing:
                raise self.failing.pop(0)
            if action not in operations:
                raise StsError(400, "InvalidAction", f"Could not find operation {action}")
            result = operations[action](request)
        except StsError as error:
            return _error(error)
        body = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
        return Response(body, content_type="text/xml")

    def _sign(self, request: Request) -> str:
        role = self._signed_by(request)
        if not self.outbound:
            code = "OutboundWebIdentityFederationDisabledException"
            raise StsError(403, code, "Outbound web identity federation is not enabled for this account.")
        if role not in self.may_sign:
            raise StsError(403, "AccessDenied", f"{role} may not perform sts:GetWebIdentityToken")
        form, now = request.form, self.clock()
        if form.get("SigningAlgorithm") != "RS256":
            raise StsError(400, "ValidationError", "SigningAlgorithm must be RS256 or ES384")
        audiences = [form[name] for name in sorted(form) if name.startswith("Audience.member.")]
        expires = now + float(form.get("DurationSeconds", 300))
        token = self.signer.sign(
            {
                "aud": audiences[0] if len(audiences) == 1 else audiences,
                "sub": role,
                "jti": str(uuid.uuid4()),
                "iat": int(now),
                "exp": int(expires),
                "https://sts.amazonaws.com/": {"aws_account": role.split(":")[4]},
            }
        )
        self.signed.append(token)
        return f"<WebIdentityToken>{token}</WebIdentityToken><Expiration>{_instant(expires)}</Expiration>"

    def _assume(self, request: Request) -> str:
        claims = self._claims(request.form["WebIdentityToken"])
        trust = self.trusts.get(request.form["RoleArn"])
        if trust is None or not _trusted(trust, claims):
            raise StsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        return self._session(request)

    def _assume_from_aws(self, request: Request) -> str:
        role = request.form["RoleArn"]
        if self._signed_by(request) not in self.assumers.get(role, ()):
            raise StsError(403, "AccessDenied", f"not authorized to perform: sts:AssumeRole on {role}")
        return self._session(request)

    def _session(self, request: Request) -> str:
        form, now = request.form, self.clock()
        key = f"ASIA{uuid.uuid4().hex[:16].upper()}"
        self.callers[key] = form["RoleArn"]
        assumed = f"{form['RoleArn'].replace(':role/', ':assumed-role/')}/{form['RoleSessionName']}"
        return (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{uuid.uuid4().hex}</SecretAccessKey>"
            f"<SessionToken>{uuid.uuid4().hex}</SessionToken>"
            f"<Expiration>{_instant(now + self.lifetime)}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>{escape(assumed)}</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>"
        )

    def _claims(self, token: str) -> Claims:
        known = {issuer: self.places[issuer] for issuer in self.providers}
        try:
            claims = verified(token, known, self.clock())
        except Distrusted as error:
            raise _distrust(error.why) from None
        # A v2 token of Entra's carries azp, and then that is compared (AWS IAM user guide, 2026).
        audience = claims.get("azp", claims.get("aud"))
        if audience not in self.providers[claims["iss"]]:
            raise StsError(400, "InvalidIdentityToken", "Incorrect token audience")
        return claims

    def _caller(self, request: Request) -> str:
        return f"<Arn>{escape(self._signed_by(request))}</Arn>"

    def _signed_by(self, request: Request) -> str:
        found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        if found is None or found[1] not in self.callers:
            raise StsError(403, "InvalidClientTokenId", "The security token of the request is invalid.")
        date = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(date.timestamp() - self.clock()) > SKEW:
            raise StsError(403, "SignatureDoesNotMatch", "Signature expired: more than 5 min off")
        return self.callers[found[1]]


def _trusted(trust: WebTrust, claims: Mapping[str, Any]) -> bool:
    said = (claims.get("iss"), claims.get("azp", claims.get("aud")), claims.get("sub"))
    return said == (trust.issuer, trust.audience, trust.subject)


def _distrust(why: str) -> StsError:
    invalid = "InvalidIdentityToken"
    match why:
        case "issuer":
            return StsError(
                400, invalid, "No OpenIDConnect provider found in your account for https://issuer/"
            )
        case "unreachable":
            return StsError(400, "IDPCommunicationError", "The identity provider could not be reached")
        case "expired":
            return StsError(400, "ExpiredTokenException", "Token expired: it must be after now")
        case _:
            return StsError(400, invalid, "The web identity token could not be validated by AWS")


def _error(error: StsError) -> Response:
    said = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    body = f"<ErrorResponse><Error><Type>Sender</Type>{said}</Error></ErrorResponse>"
    return Response(body, status=error.status, content_type="text/xml")


def _json_response(content: Mapping[str, Any]) -> Response:
    return Response(json.dumps(content), content_type="application/json")


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
