"""``doctor``: every check in one line, the worst first, each with its way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from functions.local.blocks import Block, Span, Tone, code, count, faint, grid, item, line, title, toned
from functions.local.views.parts import Answer

ORDER = {"bad": 0, "doubt": 1, "unknown": 2, "good": 3}
TONES = {"bad": Tone.BAD, "doubt": Tone.WARNING, "unknown": Tone.INFO, "good": Tone.GOOD}


def view(answer: Answer) -> Iterator[Block]:
    yield from _checks(answer)
    for probe in answer["probes"]:
        yield title(f"Probed on {probe['date']}, route ", code(probe["route"]))
        rows = [(each["cloud"], each["question"], each["answer"]) for each in probe["answers"]]
        yield grid(("cloud", "question", "answer"), rows)


def _checks(answer: Answer) -> Iterator[Block]:
    checks = sorted(answer["checks"], key=lambda check: ORDER[check["grade"]])
    for check in checks:
        grade = toned(f"{check['grade']:<7} ", TONES[check["grade"]])
        head: list[Span | str] = [grade, check["check"], " ", code(check["where"]), f": {check['said']}"]
        yield item(head, *([[faint("-> "), check["way_out"]]] if check["way_out"] else []))
    found = Counter(check["grade"] for check in checks)
    told = ", ".join(f"{found[grade]} {grade}" for grade in ORDER if found[grade])
    yield line(toned(f"{count(len(checks), 'check')}: {told}.", TONES[answer["grade"]]))
