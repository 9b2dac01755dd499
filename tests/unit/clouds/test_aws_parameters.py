"""A text in the Parameter Store: read by name and version, and missed with words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.clouds.aws_parameters import read_parameter
from shared.errors import Denied, Refused


class Store:
    def __init__(self, error: str | None = None) -> None:
        self._error = error
        self.asked: list[str] = []

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803 - as the API spells it
        self.asked.append(Name)
        if self._error:
            answer: Any = {
                "Error": {"Code": self._error, "Message": ""},
                "ResponseMetadata": {"HTTPStatusCode": 400},
            }
            raise ClientError(answer, "GetParameter")
        return {"Parameter": {"Name": Name, "Version": 3, "Value": "version: 1"}}


def test_the_text_is_read_in_the_version_that_is_named() -> None:
    store = Store()
    assert read_parameter(store, "/policy-mirror/routes:3") == "version: 1"
    assert store.asked == ["/policy-mirror/routes:3"]


@pytest.mark.parametrize("code", ["ParameterNotFound", "ParameterVersionNotFound"])
def test_what_is_not_there_is_named(code: str) -> None:
    with pytest.raises(Refused, match=rf"SSM parameter /policy-mirror/routes:9: {code}"):
        read_parameter(Store(code), "/policy-mirror/routes:9")


def test_a_role_that_may_not_read_it_is_told_what_it_lacks() -> None:
    with pytest.raises(Denied, match="ssm:GetParameter is denied"):
        read_parameter(Store("AccessDeniedException"), "/policy-mirror/routes:1")
