"""A text that is kept in AWS Systems Manager's Parameter Store, such as routes.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Protocol, cast

from shared.clouds.aws_errors import asking


class Parameters(Protocol):
    """What is used of boto3's ssm client."""

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]: ...  # noqa: N803 - the API's own spelling


@contextmanager
def parameters_client() -> Iterator[Parameters]:
    """In the function's own region. A parameter is read once in a container: there is time to try again, and
    no connection is left over, which a snapshot would keep."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
    with closing(boto3.Session().client("ssm", config=config)) as client:
        yield cast("Parameters", client)


def read_parameter(client: Parameters, name: str) -> str:
    """``name`` may end with ``:VERSION`` (SSM API reference, GetParameter, 2026). Raises CloudError."""
    with asking(f"SSM parameter {name}", "ssm:GetParameter"):
        return str(client.get_parameter(Name=name)["Parameter"]["Value"])
