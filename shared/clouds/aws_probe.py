"""Questions about AWS IoT that no document answers, put to a live account on one throw-away profile.

What is asked is what the project's facts of 2026-11 mark as unconfirmed. Each answer is what the service did,
in a few words; a call that it refuses is an answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from shared.clouds.replies import plain

Answer = tuple[str, str, str]
"""A stable slug, the question, and what was seen."""


class AwsProbe:
    """``client``: builds a boto3 iot client with credentials that may write."""

    cloud = "aws"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._build = client

    def answers(self, name: str) -> Iterator[Answer]:
        """Creates the profile ``name``, asks, and deletes it whatever happens."""
        client = self._build()
        seen, created = _tried(lambda: _create(client, name, _behavior()))
        yield "detect-open", "does this account admit new security profiles?", seen
        if created is None:
            return
        try:
            yield from self._on(client, name, created["securityProfileArn"])
        finally:
            seen, _ = _tried(lambda: client.delete_security_profile(securityProfileName=name))
        yield "delete", "is the throw-away profile gone?", seen

    def _on(self, client: Any, name: str, arn: str) -> Iterator[Answer]:
        def version() -> int:
            return int(client.describe_security_profile(securityProfileName=name)["version"])

        def update(**changes: Any) -> Any:
            return client.update_security_profile(securityProfileName=name, **changes)

        def moves(change: Callable[[], Any]) -> str:
            before = version()
            seen, done = _tried(change)
            return seen if done is None else f"version {before} became {version()}"

        said = moves(lambda: update(behaviors=[_behavior()]))
        yield "no-op-version", "does an update that changes nothing move the version?", said
        said = moves(lambda: client.tag_resource(resourceArn=arn, tags=[{"Key": "probe", "Value": "1"}]))
        yield "tag-version", "does a tag move the version?", said
        seen, _ = _tried(lambda: _create(client, name, _behavior()))
        yield "identical-create", "what does an identical create answer?", seen
        seen, _ = _tried(lambda: update(behaviors=[_behavior(count=11)]))
        told = client.describe_security_profile(securityProfileName=name)
        at_once = told["behaviors"][0]["criteria"]["value"].get("count") == 11
        yield "read-after-write", "does a read at once show a write?", "yes" if at_once else f"no ({seen})"
        for seconds in (60, 3600, None):
            seen, _ = _tried(partial(update, behaviors=[_behavior(seconds=seconds)]))
            what = "no duration" if seconds is None else f"a duration of {seconds} s"
            yield f"duration-{seconds or 'none'}", f"is {what} taken for a count of messages?", seen
        _tried(lambda: update(securityProfileDescription="probe"))
        _tried(lambda: update(securityProfileDescription=""))
        left = client.describe_security_profile(securityProfileName=name).get("securityProfileDescription")
        said = f"it is still {left!r}" if left else "yes"
        yield "description-cleared", "does an empty description clear it?", said


def _create(client: Any, name: str, behavior: dict[str, Any]) -> Any:
    return client.create_security_profile(securityProfileName=name, behaviors=[behavior])


def _behavior(count: int = 10, seconds: int | None = 300) -> dict[str, Any]:
    criteria: dict[str, Any] = {"comparisonOperator": "less-than", "value": {"count": count}}
    if seconds is not None:
        criteria["durationSeconds"] = seconds
    return {"name": "probe", "metric": "aws:num-messages-sent", "criteria": criteria}


def _tried(call: Callable[[], Any]) -> tuple[str, Any]:
    """``taken`` and the answer, or how the service refused and None."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return "taken", call()
    except ClientError as error:
        told = error.response["Error"]
        return f"refused: {told['Code']}: {plain(told.get('Message', ''))}", None
    except BotoCoreError as error:
        return f"not answered: {type(error).__name__}", None
