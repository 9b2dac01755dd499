"""A notice as each channel wants it: plain text, an Event Grid event, a card for Teams or for Slack.

Names come from the clouds, so each format escapes what it would obey. Formats as documented in 2026: Event
Grid's own schema, Teams workflow webhooks (a message with one Adaptive Card), Slack incoming webhooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from shared.operations.notices import Notice

SNS_SUBJECT = 100
"""Characters of printable ASCII (SNS API reference, Publish, 2026)."""

SLACK_TEXT = 3000
"""Characters of one section (Slack Block Kit reference, 2026)."""

TEAMS_TEXT = 20_000
"""Characters, well inside the 28 KB of a Teams message (2026)."""


def subject(notice: Notice) -> str:
    plain = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in notice.subject)
    return plain[:SNS_SUBJECT]


def text(notice: Notice) -> str:
    return "\n".join([notice.subject, "", *notice.lines(), "", f"Notice {notice.id}"])


def event_grid(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "eventType": f"PolicyMirror.{notice.kind.title().replace('-', '')}",
        "subject": notice.where,
        "eventTime": datetime.fromtimestamp(notice.at, UTC).isoformat(),
        "dataVersion": "1",
        "data": notice.to_json(),
    }


def teams(notice: Notice) -> dict[str, Any]:
    """Plain runs of text: an Adaptive Card's TextRun obeys no Markdown."""
    lines = "\n".join(notice.lines())[:TEAMS_TEXT]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            _run(notice.subject, weight="Bolder", size="Medium"),
            *(_run(line) for line in lines.splitlines()),
        ],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _run(words: str, **style: str) -> dict[str, Any]:
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": words or " ", **style}],
        "spacing": "None",
    }


def slack(notice: Notice) -> dict[str, Any]:
    """Plain text objects: Slack makes no links, mentions or styles of them."""
    told = "\n".join(notice.lines())
    blocks = [
        {"type": "header", "text": _plain(notice.subject[:150])},
        *(
            {"type": "section", "text": _plain(told[start : start + SLACK_TEXT])}
            for start in range(0, min(len(told), 10 * SLACK_TEXT), SLACK_TEXT)
        ),
    ]
    return {"text": _escaped(notice.subject), "blocks": blocks}


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words, "emoji": False}


def _escaped(words: str) -> str:
    """The fallback text is Slack's mrkdwn, where these three signs start something."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


CARDS: Mapping[Literal["teams", "slack"], Callable[[Notice], dict[str, Any]]] = {
    "teams": teams,
    "slack": slack,
}
