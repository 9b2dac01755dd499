"""Ordinary clients of both clouds, pointed at the sandbox. The SDKs are imported when one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.pipeline import PipelineRequest
    from azure.core.rest import HttpRequest
    from azure.mgmt.security import SecurityCenter
    from boto3.session import Session
    from mypy_boto3_iot import IoTClient

    from functions.local.sandbox.clouds import TwoClouds
    from shared.clouds.azure_setup import AzureSetup
    from shared.operations.doctor.setups import Prober
    from shared.routes.route import Route
    from shared.sync.ports import AuditTrail, Cloud
    from shared.translation.side import Side

_YEAR_2100 = 4_102_444_800


class StaticCredential:
    """A token credential that never changes: `user.NAME` is NAME to the sandbox, `denied` gets 403."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_: Any) -> AccessToken:
        from azure.core.credentials import AccessToken

        return AccessToken(self._token, _YEAR_2100)


def iot_client(clouds: TwoClouds, **kwargs: Any) -> IoTClient:
    """A boto3 `iot` client; `kwargs` go to `Session.client` and win over the sandbox's own."""
    client: IoTClient = _session().client("iot", **(clouds.aws_client_kwargs() | kwargs))
    return client


def cloud_ports(
    aws_endpoint: str, azure_endpoint: str, route: Route, *, user: str, key: str = "ASIAMIRROR"
) -> dict[Side, Cloud]:
    """Both clouds as the engine sees them. Azure records ``user`` as who writes, AWS the access key id."""
    from shared.clouds import aws_iot, azure_arm, azure_groups
    from shared.translation.side import Side

    region = route.aws.region
    iot = _iot(aws_endpoint, region, key)
    arm = azure_arm.arm_client(StaticCredential(f"user.{user}"), base_url=azure_endpoint)
    return {
        Side.AWS: aws_iot.AwsIot(iot, route.aws.account, region),
        Side.AZURE: azure_groups.AzureGroups(arm, route.azure.hub),
    }


def cloud_probes(aws_endpoint: str, azure_endpoint: str, route: Route, *, user: str) -> Sequence[Prober]:
    """The questions of ``doctor --probe``, put to the sandbox."""
    from shared.clouds import aws_probe, azure_arm, azure_probe

    arm = azure_arm.arm_client(StaticCredential(f"user.{user}"), base_url=azure_endpoint)
    return (
        aws_probe.AwsProbe(lambda: _iot(aws_endpoint, route.aws.region, "AKIAPROBE")),
        azure_probe.AzureProbe(arm, route.azure.hub),
    )


def _iot(endpoint: str, region: str, key: str) -> IoTClient:
    """The product's own client."""
    from boto3.session import Session

    from shared.clouds import aws_iot
    from shared.clouds.aws_session import bare_session

    keys = {"aws_access_key_id": key, "aws_secret_access_key": "sandbox"}
    session = Session(**keys, botocore_session=bare_session())
    return aws_iot.iot_client(region, role_session=session, endpoint_url=endpoint)


def activity_trail(azure_endpoint: str, route: Route, *, user: str) -> AuditTrail:
    """Who wrote what on Azure, as ``user`` may read it."""
    from shared.clouds import azure_activity, azure_arm

    arm = azure_arm.arm_client(StaticCredential(f"user.{user}"), base_url=azure_endpoint)
    return azure_activity.ActivityTrail(arm, route.azure.hub, route.azure.client_id)


def azure_setup(azure_endpoint: str, route: Route, *, user: str) -> AzureSetup:
    """How the sandbox's subscription is set up, for a check-up."""
    from shared.clouds import azure_arm
    from shared.clouds import azure_setup as setup

    arm = azure_arm.arm_client(StaticCredential(f"user.{user}"), base_url=azure_endpoint)
    return setup.AzureSetup(arm, route.azure.hub)


@cache
def _session() -> Session:
    """One for all clients: it keeps the parsed service model, a fifth of a second each time."""
    import boto3

    return boto3.session.Session()


def arm_client(
    clouds: TwoClouds, user: str = "alice", *, token: str | None = None, **kwargs: Any
) -> SecurityCenter:
    """azure-mgmt-security's client; `token` instead of `user` sends that very bearer token."""
    from azure.mgmt.security import SecurityCenter

    credential = StaticCredential(token if token is not None else f"user.{user}")
    return SecurityCenter(
        credential,
        clouds.azure.subscription,
        base_url=clouds.azure.endpoint,
        authentication_policy=_plain_http_policy(credential),
        **kwargs,
    )


def _plain_http_policy(credential: StaticCredential) -> Any:
    """azure-core sends no bearer token over plain HTTP unless each single call allows it; this allows it.

    As the policy of the client, not as an option of its calls: the SDK's own extra call, which registers a
    resource provider after a 409, would not have that option.
    """
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    class PlainHttp(ARMChallengeAuthenticationPolicy):
        def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
            request.context.options["enforce_https"] = False
            super().on_request(request)

    return PlainHttp(credential, "https://management.azure.com/.default")
