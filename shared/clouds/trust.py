"""Why one cloud does not take the other's word, and on which side that is mended.

The services' own messages name issuers, subjects and audiences, so they are read here and never passed on.
Codes: Entra's and the answers of STS as users quote them (github.com, read 2026-11; Entra's own list lacks
some), and botocore 1.44's service model of STS. None was seen on a live account.
"""

from __future__ import annotations

import re

from msgspec import Struct

from shared.errors import CloudError, Denied, Unreachable

ENTRA_AUDIENCE = "api://AzureADTokenExchange"

_ENTRA_CODE = re.compile(r"\bAADSTS(\d{5,7})\b")
_SERVER_FAULT = re.compile(r"\) 5\d\d,")


class Refusal(Struct, frozen=True):
    """``passes``: the same call may succeed later with nothing changed by anybody."""

    problem: str
    passes: bool = False

    def about(self, where: str, code: str) -> CloudError:
        kind = Unreachable if self.passes else Denied
        return kind(where, f"{self.problem} ({code})")


_FEDERATED = "the identity's federated credential (awsIssuer and lambdaRoleArn of infra/azure)"
_KEYS_OF_AWS = Refusal("Azure could not fetch the keys that AWS publishes", passes=True)
_KEYS_OF_AZURE = Refusal("AWS could not fetch the keys that Azure publishes", passes=True)
_UNKNOWN = Refusal("Azure refuses the sign-in: look the code up at login.microsoftonline.com/error")
_CLOCK = Refusal("AWS finds the request too old or too new: the clock of this machine is wrong")

_ENTRA = {
    "50013": Refusal("Azure finds the signature wrong: mend, on Azure, the issuer; it is another account's"),
    "50166": _KEYS_OF_AWS,
    "501661": _KEYS_OF_AWS,
    "500011": Refusal(
        "Azure knows no application of that URI: create it, on Azure, with its service principal "
        "(infra/azure/deploy.sh does)"
    ),
    "70021": Refusal(f"no federated credential matches: mend, on Azure, {_FEDERATED}; case matters"),
    "700211": Refusal(f"the issuer is not the one Azure trusts: mend, on Azure, the issuer of {_FEDERATED}"),
    "700212": Refusal(f"the audience is not trusted: on Azure, {_FEDERATED} must say {ENTRA_AUDIENCE}"),
    "700213": Refusal(
        f"the Lambda's role is not the subject Azure trusts: mend, on Azure, the subject of {_FEDERATED}; "
        "it is the role's ARN with its path, and case matters"
    ),
    "70025": Refusal(f"Azure trusts nobody for this identity: add, on Azure, {_FEDERATED}"),
    "700016": Refusal(
        "no such identity in the tenant: mend azure.client_id or azure.tenant_id in routes.yaml"
    ),
    "700024": Refusal("Azure finds the token too old or too new; each try gets a new one", passes=True),
    "90002": Refusal("no such tenant: mend azure.tenant_id in routes.yaml"),
    "90061": _KEYS_OF_AWS,
}

_DISABLED = Refusal(
    "the account signs no tokens for others: enable it, on AWS, "
    "with `aws iam enable-outbound-web-identity-federation`"
)
_MAY_NOT_SIGN = Refusal(
    "the Lambda's role may not sign a token for Azure: "
    f"allow it, on AWS, sts:GetWebIdentityToken for {ENTRA_AUDIENCE}"
)
_SIGNING = {
    "AccessDenied": _MAY_NOT_SIGN,
    "AccessDeniedException": _MAY_NOT_SIGN,
    "OutboundWebIdentityFederationDisabled": _DISABLED,
    "OutboundWebIdentityFederationDisabledException": _DISABLED,
    "SessionDurationEscalationException": Refusal(
        "the Lambda's own session ends before the token would; it is renewed soon", passes=True
    ),
}
_STALE = {"InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}

_ROLE = {
    "AccessDenied": Refusal(
        "AWS does not trust this identity for the role: compare, on AWS, audience and subject in the role's "
        "trust policy (template.yaml) with the Application ID URI and the identity's principal id; "
        "or there is no such role (aws.role_arn in routes.yaml)"
    ),
    "ExpiredTokenException": Refusal(
        "AWS finds the token that Azure gave too old; the next try gets a new one. "
        "If this stays, the clock of this machine is slow",
        passes=True,
    ),
    "IDPCommunicationError": _KEYS_OF_AZURE,
    "IDPRejectedClaim": Refusal("AWS finds the token revoked or a claim refused by Azure"),
    "RegionDisabledException": Refusal("STS is off in this region: activate it, on AWS, for the account"),
}
_INVALID = "InvalidIdentityToken"
_INVALID_SAID = (
    (
        "audience",
        Refusal(
            "the audience is not one AWS expects: add, on AWS, the Application ID URI "
            "(POLICY_MIRROR_AWS_AUDIENCE) to the OpenID Connect provider; "
            "a v2 token bears the application's id instead: ask for v1"
        ),
    ),
    (
        "provider found",
        Refusal("AWS does not know the tenant: create, on AWS, the provider sts.windows.net/TENANT/"),
    ),
    ("verification key", _KEYS_OF_AZURE),
)
_MISMATCH = Refusal(
    "AWS finds the token invalid: compare, on AWS, the OpenID Connect provider with the tenant"
)


def entra_refusal(message: str) -> tuple[Refusal, str] | None:
    """What Entra's error means, with its code; None where it has no code of Entra's at all."""
    found = _ENTRA_CODE.search(message)
    return (_ENTRA.get(found[1], _UNKNOWN), f"AADSTS{found[1]}") if found else None


def endpoint_refusal(message: str) -> Refusal:
    """Why the identity endpoint of a machine gives no token. It says 500 to a wrong audience as well (msal
    1.39, "empirically"), so a failure of its own is told only by its going away."""
    advice = "on Azure, is the identity attached to this app, and does the application it asks for exist?"
    if _SERVER_FAULT.search(message):
        return Refusal(f"the sign-in failed for now; if this stays: {advice}", passes=True)
    return Refusal(f"the sign-in was refused: {advice}")


def signing_refusal(code: str, message: str) -> Refusal | None:
    """Why STS signs nothing for the Lambda."""
    if code in _STALE and any(words in message.lower() for words in ("expired", "not yet")):
        return _CLOCK
    return _SIGNING.get(code)


def role_refusal(code: str, message: str) -> Refusal | None:
    """Why STS gives the function no role."""
    if code != _INVALID:
        return _ROLE.get(code)
    said = message.lower()
    return next((refusal for words, refusal in _INVALID_SAID if words in said), _MISMATCH)
