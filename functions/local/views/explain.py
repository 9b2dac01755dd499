"""``explain``: every rule in words, with what is held or lost and what that does to detection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.local.blocks import Block, Span, Tone, code, count, faint, item, line, title, toned
from functions.local.views.parts import CLOUDS, EFFECTS, Answer
from shared.policy.loss import Effect

KINDS = {"aws": "security profile", "azure": "device security group"}
STANDINGS = {
    "shared": Tone.GOOD,
    "differs": Tone.BAD,
    "held": Tone.WARNING,
    "parked": Tone.FAINT,
}


def view(answer: Answer) -> Iterator[Block]:
    for document in answer["documents"]:
        yield from _document(document)
    for cloud in answer.get("missing_on", ()):
        yield line(toned(f"{CLOUDS[cloud]} has no policy of this name.", Tone.WARNING))
    for conflict in answer.get("conflicts", ()):
        yield line(toned("conflict", Tone.BAD), f" {conflict['path']}: {conflict['reason']}")


def _document(document: Answer) -> Iterator[Block]:
    cloud = document["cloud"]
    named = f" {document['name']}" if document["name"] else ""
    yield title(f"{CLOUDS[cloud]} {KINDS[cloud]}{named}")
    yield line(_counted(document["counts"]))
    for rule in document["rules"]:
        if rule["standing"] != "parked":
            yield _rule(rule, CLOUDS["azure" if cloud == "aws" else "aws"])
    yield from _parked([rule["native"][0] for rule in document["rules"] if rule["standing"] == "parked"])
    for remark in document["members"]:
        yield item([code(remark["path"])], _reason(remark))


def _counted(counts: Mapping[str, int]) -> str:
    told = [
        f"{number} {'differ' if kind == 'differs' else kind}" for kind, number in counts.items() if number
    ]
    return f"{count(sum(counts.values()), 'rule')}: {', '.join(told)}." if told else "It states no rule."


def _parked(names: list[str]) -> Iterator[Block]:
    """Azure fills in every rule that a group leaves out, disabled: they are told in one breath."""
    if names:
        are = "rule is" if len(names) == 1 else "rules are"
        yield item([faint(f"parked    {len(names)} {are} disabled: {', '.join(names)}")])


def _rule(rule: Answer, other: str) -> Block:
    first, *more = rule["native"] or [rule["path"]]
    standing = toned(f"{rule['standing']:<8}", STANDINGS[rule["standing"]])
    lines: list[list[Span | str]] = [[rule["means"]]]
    if rule["twin"]:
        lines.append([f"On {other}: ", code(rule["twin"])])
    if rule["there"]:
        lines.append([toned(f"{other} says otherwise: ", Tone.BAD), rule["there"]])
    lines.extend(_reason(remark) for remark in rule["remarks"] if remark["kind"] != "spelling")
    effect, means = rule["detection"]["effect"], rule["detection"]["means"]
    if effect != "none":
        lines.append([toned(f"So {means}.", EFFECTS[Effect(effect)].tone)])
    return item([standing, "  ", code(first), *(faint(f"  {text}") for text in more)], *lines)


def _reason(remark: Answer) -> list[Span | str]:
    kind = toned(remark["kind"], Tone.WARNING if remark["kind"] in ("held", "lost") else Tone.FAINT)
    slug = remark["code"] if remark["effect"] == "none" else f"{remark['code']}, {remark['effect']}"
    return [kind, f": {remark['reason']} ", faint(f"({slug})")]
