"""The page that shows what would be done and asks once more, and the one that tells what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from shared.operations.page.foresight import foreseen_writes
from shared.operations.page.frame import Frame
from shared.operations.page.holdings import EFFECTS
from shared.operations.page.html import Child, el
from shared.operations.page.parts import section, table
from shared.operations.page.review import Review
from shared.operations.remedies import Step
from shared.policy.loss import Loss
from shared.sync.findings import said
from shared.sync.link import LinkKey
from shared.translation.pairing import Pairing

_TITLES = {
    "sync": "Mirror {what} now?",
    "resolve": "Settle the conflict of {what}?",
    "approve": "Approve this plan for {what}?",
    "adopt": "Mirror {what} from now on?",
    "pause": "Pause {what}?",
    "resume": "Resume {what}?",
    "release": "Release {what}?",
    "unlink": "Take {what} apart?",
}
_TAKES = {"aws": "by what AWS says", "azure": "by what Azure says", "strictest": "by the stricter of both"}


def title(review: Review) -> str:
    arguments = review.command.arguments
    what = arguments.get("name") or f"route {arguments['route']}"
    return _TITLES[review.command.name].format(what=what)


def confirmation(
    frame: Frame, review: Review, pairing: Pairing | None, csrf: str, changed: str = ""
) -> Iterator[Child]:
    """``csrf``: also in a cookie that only this page can have set. ``changed``: why it is asked again."""
    yield el("h1", title(review))
    if changed:
        yield el("p", changed, class_="flag", role="alert")
    take = review.command.arguments.get("take")
    yield el("p", review.told, f" It is settled {_TAKES[take]}." if take in _TAKES else None, class_="lead")
    if review.foreseen is not None:
        yield from _plan(review, pairing)
    yield _form(frame, review, csrf)
    typed = Step("", review.command.name, review.command.arguments).typed()
    yield el("details", el("summary", "or type a command"), el("p", el("code", typed, translate="no")))


def _plan(review: Review, pairing: Pairing | None) -> Iterator[Child]:
    foreseen = review.foreseen
    assert foreseen is not None
    if foreseen.writes and pairing is not None:
        yield section("plan", "What is written then", foreseen_writes(foreseen, pairing))
    else:
        why = foreseen.outcome.reason or "nothing differs that may be written"
        yield section("plan", "Nothing is written then", el("p", f"{why}."))
    if foreseen.plan.losses:
        head = ("Member", "Before", "After", "Why", "The mirror detects")
        losses = table("What is lost", head, map(loss_cells, foreseen.plan.losses))
        yield section("losses", "Lost on the way", losses)
    yield el("p", "Plan ", el("code", foreseen.plan.digest, translate="no"), class_="soft digest")


def loss_cells(loss: Loss) -> Sequence[Child]:
    code = el("code", loss.path, translate="no")
    return (code, said(loss.before), said(loss.after), loss.reason, EFFECTS[loss.effect])


def _form(frame: Frame, review: Review, csrf: str) -> Markup:
    hidden = {
        "command": review.command.name,
        **review.command.arguments,
        "digest": review.digest,
        "csrf": csrf,
    }
    back = frame.url("")
    if "name" in review.command.arguments:
        back = frame.link(_key(review)) or back
    no = el("a", "No, go back", href=back, class_="button quiet")
    return el(
        "form",
        (el("input", type="hidden", name=name, value=str(value)) for name, value in hidden.items()),
        el("p", el("button", "Yes, do it", type="submit"), no, class_="buttons"),
        method="post",
        action=frame.url("confirm"),
        class_="confirm",
    )


def _key(review: Review) -> LinkKey:
    return LinkKey(review.command.arguments["route"], review.command.arguments["name"])


def not_allowed(frame: Frame, sign_in: str | None, step: Step) -> Iterator[Child]:
    """What is missing, and the way that is open all the same."""
    yield el("h1", "That needs a sign-in")
    yield el("p", frame.why_not, class_="lead")
    if sign_in is not None:
        yield el("p", el("a", "Sign in", href=sign_in, class_="button"))
    yield el("p", "From a terminal: ", el("code", step.typed(), translate="no"))


def result(frame: Frame, review: Review, answer: Mapping[str, Any]) -> Iterator[Child]:
    """What came of it, outcome by outcome."""
    outcomes = answer.get("outcomes", [])
    good = all(outcome["event"] in ("mirrored", "no-op", "pending") for outcome in outcomes)
    yield el("h1", "Done" if good else "It did not come to its end")
    lines = [_outcome(outcome) for outcome in outcomes]
    yield el("ul", lines, class_="reasons") if lines else el("p", "It is so from now on.", class_="lead")
    back = frame.link(_key(review)) if "name" in review.command.arguments else None
    yield el(
        "p",
        el("a", "To the policy", href=back, class_="button") if back else None,
        el("a", "To the overview", href=frame.url(""), class_="button quiet"),
        class_="buttons",
    )


_EVENTS = {
    "mirrored": "written",
    "no-op": "nothing had to be written",
    "pending": "the other cloud's function writes the rest",
    "busy": "somebody else is at it: look again in a moment",
    "held": "kept back",
    "conflict": "still in conflict",
    "error": "failed",
}


def _outcome(outcome: Mapping[str, Any]) -> Markup:
    told = _EVENTS.get(outcome["event"], outcome["event"])
    direction = outcome.get("direction")
    arrow = {"aws-to-azure": " AWS → Azure", "azure-to-aws": " Azure → AWS", "both": " on both sides"}
    where = arrow.get(direction, "") if isinstance(direction, str) else ""
    reason = f": {outcome['reason']}" if outcome.get("reason") else ""
    return el("li", el("bdi", outcome["link"]), f" {told}{where}{reason}")
