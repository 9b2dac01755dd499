"""The document around every view: head, landmarks, style and script; and the headers that lock it down."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el, join

_VIEWS = {"": "Overview", "activity": "Activity", "catalogue": "Catalogue"}


@cache
def _asset(name: str) -> Markup:
    """Style and script are files of ours: nothing in them is escaped, and nothing is ever put into them."""
    return Markup(Path(__file__).with_name(name).read_text(encoding="utf-8"))  # noqa: S704


@cache
def content_policy(*, framed: bool = True) -> str:
    """Nothing loads but the one style and the one script, known by their digests: whatever slips into the
    document as markup stays dead. ``framed``: with the directives that a ``meta`` element may not carry."""
    rules = [
        "default-src 'none'",
        f"style-src '{_digest('style.css')}'",
        f"script-src '{_digest('page.js')}'",
        "base-uri 'none'",
        "form-action 'self'" if framed else "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]
    return "; ".join([*rules, "frame-ancestors 'none'"] if framed else rules)


@cache
def _digest(name: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()


def headers() -> Mapping[str, str]:
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": content_policy(),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }


def document(frame: Frame, title: str, view: str, content: Iterable[Child]) -> str:
    """The whole page. ``view`` is the one of the navigation that it belongs to."""
    body = el(
        "body",
        el("a", "Skip to the content", href="#content", class_="skip"),
        _banner(frame, view),
        el("main", content, id="content", tabindex=-1),
        _footer(frame),
        el("script", _asset("page.js")),
    )
    return f"<!doctype html>\n{el('html', _head(frame, title), body, lang='en')}\n"


def _head(frame: Frame, title: str) -> Markup:
    policy = content_policy(framed=False)
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy) if frame.alone else None,
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="robots", content="noindex"),
        el("title", f"{title} · policy-mirror"),
        el("style", _asset("style.css")),
    )


def _banner(frame: Frame, view: str) -> Markup:
    links = (
        el("li", el("a", name, href=frame.url(path), aria_current="page" if path == view else None))
        for path, name in _VIEWS.items()
    )
    nav = None if frame.alone else el("nav", el("ul", links), aria_label="Views")
    person = el("span", "signed in as ", el("bdi", frame.person), class_="soft") if frame.person else None
    name = el("strong", "policy-mirror", translate="no")
    return el("header", name, nav, person, class_="banner")


def _footer(frame: Frame) -> Markup | None:
    if not frame.now:
        return None  # nothing was read
    told = f"Read {words.moment(frame.now)}, from the ledger unless it says otherwise. "
    return el("footer", el("p", told, frame.why_not or None), role="contentinfo")


def page_not_here(frame: Frame, what: str) -> Markup:
    """A heading, and the way back."""
    return join(el("h1", what), el("p", el("a", "To the overview", href=frame.url(""))))
