"""Every stable code that a hold, loss or note may carry, in words, with what it means for detection.

Scripts match the codes; the README's table is generated from here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.policy.loss import Effect, Fidelity, Hold, Loss
from shared.translation.clip import clipped


class Code(NamedTuple):
    text: str  # a format string; its fields are the arguments of hold() or loss()
    effect: Effect


HOLDS: dict[str, Code] = {
    # Another kind of rule than the pair can share; each stands alone.
    "no-counterpart": Code("{reason}", Effect.WEAKER),
    "custom-metric-off": Code(
        "AWS could say it with a custom metric ({suggested}, type {type}), but the route binds none to it",
        Effect.WEAKER,
    ),
    "unknown-metric": Code("{native} is in no catalogue row", Effect.WEAKER),
    "unknown-rule-type": Code("{native} is in no catalogue row; it is sent back as it is", Effect.WEAKER),
    "unbound-custom-metric": Code(
        "no rule type of the route is bound to the custom metric {native}", Effect.WEAKER
    ),
    "unsupported-rule-kind": Code(
        "{native}: no rule of this kind exists on AWS, or works on Azure", Effect.WEAKER
    ),
    "learned": Code("a model learns what is normal here; Azure has fixed limits only", Effect.WEAKER),
    "percentile": Code("the limit is a percentile of the fleet; Azure has fixed limits only", Effect.WEAKER),
    "deny-set": Code("it lists what is forbidden; a shared rule lists what is allowed", Effect.WEAKER),
    "topic-scope": Code("it counts only some topics; Azure counts all", Effect.WEAKER),
    "unread-condition": Code("{problem}", Effect.WEAKER),
    "parked": Code(
        "it is disabled and its thresholds are parked; they stay on Azure and are sent back with every write",
        Effect.NONE,
    ),
    # The plain rules of one signal, held together.
    "two-lower-bounds": Code("{count} lower bounds state one signal, the other cloud has one", Effect.WEAKER),
    "two-upper-bounds": Code("{count} upper bounds state one signal, the other cloud has one", Effect.WEAKER),
    "two-lists": Code("{count} lists state one signal, the other cloud has one", Effect.WEAKER),
    "mixed-windows": Code(
        "the bounds have different windows ({windows}), the other cloud has one", Effect.WEAKER
    ),
    "no-window": Code("it has no window, and the other cloud needs one", Effect.WEAKER),
    "window-not-allowed": Code(
        "a window of {window} is not among those the route allows ({allowed})", Effect.WEAKER
    ),
    "no-bound": Code("it bounds nothing: every count from 0 to 2147483647 is normal", Effect.NONE),
    "not-an-integer": Code(
        "{value} is not a whole number, and the other cloud counts in whole numbers", Effect.WEAKER
    ),
    "negative": Code("{value} is negative, and no count is", Effect.WEAKER),
    "out-of-range": Code("{value} is outside 0..2147483647", Effect.WEAKER),
    "inverted-range": Code(
        "the lower limit {lo} is above the upper limit {hi}: nothing is normal", Effect.WEAKER
    ),
    "empty-list": Code("the list is empty: nothing is normal", Effect.WEAKER),
    "not-a-cidr": Code("{value} is no IP address or CIDR", Effect.WEAKER),
    "control-character": Code("a value is empty or has control characters", Effect.WEAKER),
    "too-many-values": Code("{count} values, and an AWS security profile holds at most 1000", Effect.WEAKER),
    "too-many-behaviors": Code("an AWS security profile holds at most 100 behaviors", Effect.WEAKER),
    "values-hidden": Code(
        "the cloud does not tell its values, and none were ever written from here", Effect.UNKNOWN
    ),
    "values-hidden-beside": Code(
        "a write replaces the whole group and would empty {hidden}, whose values the cloud does not tell",
        Effect.UNKNOWN,
    ),
    "unknown-member": Code("unknown members: {members}", Effect.UNKNOWN),
    "duplicate-name": Code("{count} rules bear this name", Effect.UNKNOWN),
    "alerts-suppressed": Code("its alerts are suppressed and the route has suppressed: hold", Effect.WEAKER),
    "held-there": Code(
        "the other document's own rules of this signal are held ({why}): nothing is written", Effect.UNKNOWN
    ),
    # Members of a document that are no rule.
    "own-member": Code("{reason}", Effect.NONE),
    "unknown-document-member": Code("nobody here knows this member; it is kept as it is", Effect.UNKNOWN),
}

LOSSES: dict[str, Code] = {
    "window-not-shared": Code("{reason}", Effect.UNKNOWN),
    "window-approximated": Code("the next window that the other cloud takes is {after}", Effect.STRONGER),
    "datapoints-to-alarm": Code(
        "Azure alarms on the first datapoint outside, not after {before}", Effect.STRONGER
    ),
    "datapoints-to-clear": Code("Azure does not count datapoints before it clears an alarm", Effect.UNKNOWN),
    "alert-suppression": Code("Azure cannot mute an alert: it will be raised there", Effect.STRONGER),
    "metric-export": Code("Azure does not export the metric", Effect.NONE),
}

NOTES: dict[str, Code] = {
    "alerts-suppressed-on-aws": Code(
        "AWS evaluates and records it but sends no alert; on Azure the rule is fully in force", Effect.NONE
    ),
    "inert": Code("{reason}", Effect.WEAKER),
    "vacuous": Code("{reason}", Effect.NONE),
    "maybe-inverted": Code(
        "only a lower bound: it alarms when there are FEWER than {lo}. A behavior states what is normal; "
        "was the opposite meant? Copied as it stands",
        Effect.NONE,
    ),
    "window-chosen": Code("AWS has no window here; on Azure it is {after}, its default", Effect.NONE),
    "respelt": Code("the same value in the other cloud's spelling", Effect.NONE),
    "default-left-out": Code("it is the default, so the mirror need not say it", Effect.NONE),
    "idle-bound": Code("every count meets this bound, so the mirror need not say it", Effect.NONE),
    "name-not-carried": Code("Azure rules have no names; a name made from the signal stands in", Effect.NONE),
    "name-in-url": Code("a PUT body has no name: it stands in the URL", Effect.NONE),
    "watches-nothing-yet": Code("{reason}", Effect.NONE),
    "custom-metric-needed": Code("the fleet must report the custom metric {name}", Effect.NONE),
}


def hold(path: str, code: str, signal: str | None = None, **words: Any) -> Hold:
    text = HOLDS[code].text
    return Hold(path, code, _sentence(text, words) if "{" in text else text, signal)


def loss(
    path: str,
    code: str,
    fidelity: Fidelity,
    before: Any,
    after: Any,
    *,
    effect: Effect | None = None,
    **words: Any,
) -> Loss:
    """``effect``: where this one has another than others of its code."""
    text, usual = _SAID[code]
    if "{" in text:  # most say the same of whatever they are about
        text = _sentence(text, words if "reason" in words else {"before": before, "after": after, **words})
    return Loss(path, fidelity, effect or usual, code, before, after, text)


_SAID = NOTES | LOSSES


def _sentence(text: str, words: dict[str, Any]) -> str:
    if text == "{reason}":
        return str(words["reason"])
    return text.format_map({key: _word(key, value) for key, value in words.items()})


def _word(key: str, value: Any) -> Any:
    """What a document says is clipped; our own sentences, and what they are made of, are not."""
    return value if key in _OUR_WORDS else clipped(value)


_OUR_WORDS = {"reason", "problem", "allowed", "suggested"}
