"""What a deployment tells its functions, read from an environment that is handed in.

=============================  ============================================================================
 variable                       meaning
=============================  ============================================================================
 POLICY_MIRROR_ROUTES           path of routes.yaml, default ``routes.yaml`` beside the code; or on AWS
                                ``ssm:NAME[:VERSION]``, the parameter that holds the document
 POLICY_MIRROR_ROUTES_YAML      the document itself, instead of a path
 POLICY_MIRROR_LEDGER           ``dynamodb:TABLE@REGION`` or ``sqlite:PATH``
 POLICY_MIRROR_LEDGER_ROLE      Azure function: the AWS role that may use the table, if it is another than
                                that of the first route
 POLICY_MIRROR_HOME             AWS function: ``ACCOUNT/REGION`` whose profiles its own role may read; it
                                assumes a role for those of other places
 POLICY_MIRROR_AWS_AUDIENCE     Azure function: Application ID URI that AWS trusts (``api://...``)
 POLICY_MIRROR_AZURE_CLIENT_ID  Azure function: client id of its user-assigned identity, if it has one
 POLICY_MIRROR_ARM_ENDPOINT     a stand-in for Azure Resource Manager on this machine
 POLICY_MIRROR_QUEUE_URL        AWS function: the SQS queue of events, which takes the keys of busy links
 POLICY_MIRROR_SWEEP_QUEUE_URL  AWS function: the SQS queue that takes what a sweep asks for, so that no event
                                waits behind it; the same one if it is not set
 POLICY_MIRROR_STORAGE_QUEUE    Azure function: the storage queue of keys, which takes those that have to
                                wait; without it they are seen at once
 POLICY_MIRROR_OPERATORS        Azure function: who may act from its page, nobody where it is not set: app
                                roles, group ids or object ids of Entra, with commas between
 POLICY_MIRROR_NOTICES          where notices go, blanks between: ``sns:ARN`` (AWS function);
                                ``eventgrid:https://TOPIC/api/events``, ``teams:https://...`` and
                                ``slack:https://...`` (Azure function)
=============================  ============================================================================

No secret is among them, for both functions prove who they are by federation; but for a chat's webhook, whose
address is one: let the setting be a Key Vault reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import urlsplit

from msgspec import Struct

from shared.errors import BadInput
from shared.routes.source import PREFIX, routes_source


class LedgerPlace(Struct, frozen=True):
    """``name``: the table, or the file's path. ``region`` only for DynamoDB."""

    kind: Literal["dynamodb", "sqlite"]
    name: str
    region: str | None = None

    def __str__(self) -> str:
        """As a setting or ``--ledger`` says it."""
        return f"{self.kind}:{self.name}{f'@{self.region}' if self.region else ''}"


ChannelKind = Literal["sns", "eventgrid", "teams", "slack"]


class Channel(Struct, frozen=True):
    """``address``: an ARN or an URL; a webhook's is a secret."""

    kind: ChannelKind
    address: str

    def __repr__(self) -> str:
        return f"Channel({self.kind})"


class Settings(Struct, frozen=True):
    """``routes_parameter`` instead of ``routes_path``, ``routes_yaml`` instead of both."""

    ledger: LedgerPlace
    routes_path: str = "routes.yaml"
    routes_parameter: str | None = None
    routes_yaml: str | None = None
    ledger_role: str | None = None
    home: str | None = None
    aws_audience: str | None = None
    azure_client_id: str | None = None
    arm_endpoint: str | None = None
    queue_url: str | None = None
    sweep_queue_url: str | None = None
    storage_queue_url: str | None = None
    operators: tuple[str, ...] = ()
    notices: tuple[Channel, ...] = ()

    @property
    def routes_source(self) -> str:
        """Where the routes are, as messages name it."""
        if self.routes_yaml is not None:
            return f"{PREFIX}ROUTES_YAML"
        return self.routes_path if self.routes_parameter is None else f"SSM parameter {self.routes_parameter}"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises BadInput that names the variable and what it may say."""

    def given(name: str) -> str | None:
        return environ.get(PREFIX + name) or None

    routes = routes_source(environ)
    return Settings(
        ledger=ledger_place(given("LEDGER"), f"{PREFIX}LEDGER"),
        routes_path=routes.path,
        routes_parameter=routes.parameter,
        routes_yaml=routes.document,
        ledger_role=given("LEDGER_ROLE"),
        home=given("HOME"),
        aws_audience=given("AWS_AUDIENCE"),
        azure_client_id=given("AZURE_CLIENT_ID"),
        arm_endpoint=_local(given("ARM_ENDPOINT")),
        queue_url=given("QUEUE_URL"),
        sweep_queue_url=given("SWEEP_QUEUE_URL") or given("QUEUE_URL"),
        storage_queue_url=given("STORAGE_QUEUE"),
        operators=tuple(name for part in (given("OPERATORS") or "").split(",") if (name := part.strip())),
        notices=tuple(_channel(number, word) for number, word in enumerate(_words(given("NOTICES")), 1)),
    )


def _words(text: str | None) -> list[str]:
    return (text or "").split()


def _channel(number: int, word: str) -> Channel:
    """An error tells which word it is, never the word: it may be a webhook's address."""
    kind, _, address = word.partition(":")
    if kind == "sns" and address.startswith("arn:"):
        return Channel("sns", address)
    parts = urlsplit(address)
    if kind in ("eventgrid", "teams", "slack") and parts.scheme == "https" and parts.hostname:
        return Channel(cast("ChannelKind", kind), address)
    raise BadInput(
        f"{PREFIX}NOTICES, word {number}: it is sns:ARN, or eventgrid:, teams: or slack: and an https address"
    )


def ledger_place(text: str | None, source: str) -> LedgerPlace:
    """Raises BadInput that names the ``source``, and what may stand there."""
    kind, _, rest = (text or "").partition(":")
    if kind == "sqlite" and rest:
        return LedgerPlace("sqlite", rest)
    table, _, region = rest.partition("@")
    if kind == "dynamodb" and table and region:
        return LedgerPlace("dynamodb", table, region)
    problem = "is not set" if not text else f"is {text[:80]!r}"
    raise BadInput(f"{source} {problem}; it is dynamodb:TABLE@REGION or sqlite:PATH")


def _local(endpoint: str | None) -> str | None:
    """Another ARM than Azure's own may only be on this machine: tokens go there."""
    if endpoint is None or urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1"):
        return endpoint
    raise BadInput(
        f"{PREFIX}ARM_ENDPOINT {endpoint[:80]!r} is not on this machine; leave it out for Azure itself"
    )
