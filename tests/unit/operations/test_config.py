"""What a deployment may say in its environment, and what it is told when that is wrong."""

from __future__ import annotations

import pytest

from shared import config
from shared.config import LedgerPlace, read_settings
from shared.errors import BadInput

LEDGER = {"POLICY_MIRROR_LEDGER": "sqlite:/data/ledger.db"}


def test_the_least_that_must_be_said_is_where_the_ledger_is() -> None:
    settings = read_settings(LEDGER)
    assert settings.ledger == LedgerPlace("sqlite", "/data/ledger.db")
    assert settings.routes_path == "routes.yaml"
    assert (
        settings.routes_yaml is settings.aws_audience is settings.arm_endpoint is settings.queue_url is None
    )


def test_everything_that_may_be_said_is_read() -> None:
    settings = read_settings(
        {
            "POLICY_MIRROR_LEDGER": "dynamodb:policy-mirror@eu-central-1",
            "POLICY_MIRROR_ROUTES": "other.yaml",
            "POLICY_MIRROR_ROUTES_YAML": "version: 1",
            "POLICY_MIRROR_LEDGER_ROLE": "arn:aws:iam::123456789012:role/ledger",
            "POLICY_MIRROR_HOME": "123456789012/eu-central-1",
            "POLICY_MIRROR_AWS_AUDIENCE": "api://aws",
            "POLICY_MIRROR_AZURE_CLIENT_ID": "client",
            "POLICY_MIRROR_ARM_ENDPOINT": "http://127.0.0.1:8080",
            "POLICY_MIRROR_QUEUE_URL": "https://sqs.example/keys",
            "POLICY_MIRROR_SWEEP_QUEUE_URL": "https://sqs.example/sweep-keys",
            "POLICY_MIRROR_STORAGE_QUEUE": "https://a.queue.core.windows.net/q",
            "SOMETHING_ELSE": "x",
        }
    )
    assert settings.ledger == LedgerPlace("dynamodb", "policy-mirror", "eu-central-1")
    assert (settings.routes_path, settings.routes_yaml) == ("other.yaml", "version: 1")
    assert settings.ledger_role == "arn:aws:iam::123456789012:role/ledger"
    assert settings.home == "123456789012/eu-central-1"
    assert (settings.aws_audience, settings.azure_client_id) == ("api://aws", "client")
    assert (settings.arm_endpoint, settings.queue_url) == (
        "http://127.0.0.1:8080",
        "https://sqs.example/keys",
    )
    assert settings.sweep_queue_url == "https://sqs.example/sweep-keys"
    assert settings.storage_queue_url == "https://a.queue.core.windows.net/q"


def test_one_queue_may_do_for_both() -> None:
    settings = read_settings({**LEDGER, "POLICY_MIRROR_QUEUE_URL": "https://sqs.example/keys"})
    assert settings.sweep_queue_url == settings.queue_url == "https://sqs.example/keys"


@pytest.mark.parametrize("name", ["/policy-mirror/routes", "/policy-mirror/routes:7"])
def test_routes_may_be_a_parameter_instead_of_a_file(name: str) -> None:
    settings = read_settings({**LEDGER, "POLICY_MIRROR_ROUTES": f"ssm:{name}"})
    assert settings.routes_parameter == name


def test_a_parameter_without_a_name_is_refused() -> None:
    with pytest.raises(BadInput, match=r"ROUTES names no parameter; it is a path or ssm:NAME\[:VERSION\]"):
        read_settings({**LEDGER, "POLICY_MIRROR_ROUTES": "ssm:"})


def test_an_empty_variable_is_as_good_as_none() -> None:
    settings = read_settings({**LEDGER, "POLICY_MIRROR_ROUTES": "", "POLICY_MIRROR_QUEUE_URL": ""})
    assert (settings.routes_path, settings.queue_url) == ("routes.yaml", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "is not set"),
        ("", "is not set"),
        ("sqlite:", "is 'sqlite:'"),
        ("dynamodb:table", "is 'dynamodb:table'"),
        ("dynamodb:@eu-central-1", "is 'dynamodb:@eu-central-1'"),
        ("dynamodb:table@", "is 'dynamodb:table@'"),
        ("postgres:x@y", "is 'postgres:x@y'"),
    ],
)
def test_a_ledger_that_is_none_is_named_with_what_there_is(text: str | None, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_settings({} if text is None else {"POLICY_MIRROR_LEDGER": text})
    said = f"POLICY_MIRROR_LEDGER {problem}; it is dynamodb:TABLE@REGION or sqlite:PATH"
    assert str(refused.value) == said


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_stand_in_for_arm_may_be_on_this_machine(host: str) -> None:
    endpoint = f"http://{host}:8080"
    assert read_settings({**LEDGER, "POLICY_MIRROR_ARM_ENDPOINT": endpoint}).arm_endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint", ["https://arm.example", "http://127.0.0.1.example", "127.0.0.1:8080", "http://x@evil.example"]
)
def test_and_nowhere_else_because_tokens_go_there(endpoint: str) -> None:
    with pytest.raises(BadInput, match=r"POLICY_MIRROR_ARM_ENDPOINT .* is not on this machine"):
        read_settings({**LEDGER, "POLICY_MIRROR_ARM_ENDPOINT": endpoint})


def test_the_table_of_variables_is_complete() -> None:
    read: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, name: str, default: object = None) -> str:
            read.add(name)
            return super().get(name) or ""

    read_settings(Environment(LEDGER))
    assert config.__doc__ is not None
    assert {line.split()[0] for line in config.__doc__.splitlines() if line.startswith(" POLICY")} == read


def test_notices_go_to_as_many_channels_as_are_named() -> None:
    words = "sns:arn:aws:sns:eu-central-1:123456789012:n  teams:https://chat.example/hook?sig=x"
    settings = read_settings({**LEDGER, "POLICY_MIRROR_NOTICES": words})
    assert [(each.kind, each.address) for each in settings.notices] == [
        ("sns", "arn:aws:sns:eu-central-1:123456789012:n"),
        ("teams", "https://chat.example/hook?sig=x"),
    ]


@pytest.mark.parametrize(
    "word", ["S3CRET", "sns:S3CRET", "teams:http://S3CRET.example", "mail:https://S3CRET"]
)
def test_a_channel_that_is_none_is_refused_without_repeating_it(word: str) -> None:
    words = f"slack:https://chat.example/hook {word}"
    with pytest.raises(BadInput, match="NOTICES, word 2: it is sns:ARN, or") as error:
        read_settings({**LEDGER, "POLICY_MIRROR_NOTICES": words})
    assert "S3CRET" not in str(error.value)


def test_the_settings_never_show_a_webhook_address() -> None:
    settings = read_settings({**LEDGER, "POLICY_MIRROR_NOTICES": "slack:https://chat.example/S3CRET"})
    assert "S3CRET" not in repr(settings)
