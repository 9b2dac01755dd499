"""What each cloud is told about the other, as the two deployments tell it: issuer, audience and subject."""

from __future__ import annotations

from functions.local.runtimes.notices import EVENT_GRID
from functions.local.sandbox.aws_sts import Sts, WebTrust
from functions.local.sandbox.azure_entra import Entra, FederatedCredential, Identity
from functions.local.sandbox.federation import Federation
from functions.local.sandbox.signing import Signer
from shared.clouds.trust import ENTRA_AUDIENCE
from shared.routes.route import Routes

LAMBDA_USER, FUNCTION_USER = "aws-lambda", "azure-function"
AUDIENCE = "api://policy-mirror-aws"
ISSUER = "https://sandbox.tokens.sts.global.api.aws"
NO_TENANT = "00000000-0000-0000-0000-000000000000"


def mutual_trust(routes: Routes, lambda_key: str) -> Federation:
    """The roles, the tenant and the Lambda's identity are those that the routes name. ``lambda_key``: the
    access key id that the Lambda's own role signs with."""
    aws = [route.aws for route in routes.routes]
    azure = [route.azure for route in routes.routes]
    tenant = next((place.tenant_id for place in azure if place.tenant_id), NO_TENANT)
    function = Identity("function", "principal-of-function", user=FUNCTION_USER)
    lambda_role = f"arn:aws:iam::{aws[0].account}:role/{LAMBDA_USER}"
    roles = {role for place in aws for role in (place.role_arn, place.reader_role_arn) if role}

    entra = Entra(tenant, Signer(f"https://sts.windows.net/{tenant}/"), applications={AUDIENCE, EVENT_GRID})
    entra.identities[function.client_id] = function
    for client in {place.client_id for place in azure if place.client_id}:
        trusts = [FederatedCredential(ISSUER, lambda_role, ENTRA_AUDIENCE)]
        entra.identities[client] = Identity(client, client, trusts, attached=False, user=LAMBDA_USER)

    sts = Sts(Signer(ISSUER), callers={lambda_key: lambda_role}, may_sign={lambda_role})
    sts.providers[entra.signer.issuer] = {AUDIENCE}
    trust = WebTrust(entra.signer.issuer, AUDIENCE, function.principal_id)
    sts.trusts = dict.fromkeys(roles, trust)
    sts.assumers = {role: {lambda_role} for role in roles}
    return Federation(sts, entra)
