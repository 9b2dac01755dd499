"""The channels of ``POLICY_MIRROR_NOTICES``, as each function serves them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.clouds import azure_notices
from shared.clouds.aws_notices import publish, topics_client
from shared.config import Channel
from shared.errors import BadInput, MirrorError
from shared.operations import notice_cards as cards
from shared.operations.notices import Notice, Send

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def to_topics(channels: Sequence[Channel]) -> Send | None:
    """Raises BadInput for a channel that the Lambda does not serve."""
    for channel in channels:
        if channel.kind != "sns":
            raise BadInput(
                f"POLICY_MIRROR_NOTICES: the AWS function sends to sns:ARN only, not {channel.kind}:"
            )
    client = cache(topics_client)

    def send(notice: Notice) -> None:
        kinds = {"kind": str(notice.kind), "id": notice.id}
        for topic_arn in (channel.address for channel in channels):
            region = topic_arn.split(":")[3]
            publish(client(region), topic_arn, cards.subject(notice), cards.text(notice), kinds)

    return send if channels else None


def to_posts(channels: Sequence[Channel], credential: Callable[[], TokenCredential]) -> Send | None:
    """Raises BadInput for a channel that the Azure function does not serve."""
    posts: list[tuple[Callable[[Notice], dict[str, Any]], azure_notices.Post]] = []
    for channel in channels:
        match channel.kind:
            case "sns":
                raise BadInput("POLICY_MIRROR_NOTICES: sns:ARN is for the AWS function")
            case "eventgrid":
                posts.append((cards.event_grid, azure_notices.topic(channel.address, credential)))
            case kind:
                posts.append((cards.CARDS[kind], azure_notices.webhook(channel.address)))

    def send(notice: Notice) -> None:
        for card, post in posts:
            post(card(notice))

    return send if channels else None


def unsent(error: MirrorError) -> None:
    logging.getLogger("policy_mirror.notices").warning("notice not sent: %s: %s", error.code, error)
