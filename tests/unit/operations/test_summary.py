"""One outcome as one line: names, codes and reasons, never a document."""

from __future__ import annotations

import json

import pytest

from shared.operations.summary import MOST, line
from shared.sync.job import Kind, Outcome
from shared.sync.link import Finding, LinkKey
from shared.translation.side import Side
from tests.unit.sync.documents import LEARNED, at_most, behavior, profile
from tests.unit.sync.world import world

KEY = LinkKey("fleet", "pumps")


def test_a_line_says_what_was_written_in_which_direction() -> None:
    w = world()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(100)))
    told = line(w.look())
    assert (told["event"], told["link"], told["direction"], told["writes"], told["code"]) == (
        "mirrored",
        "fleet/pumps",
        "aws-to-azure",
        1,
        "written",
    )
    assert told["held"] == [
        {
            "side": "aws",
            "path": "behaviors[learned]",
            "code": "learned",
            "reason": "a model learns what is normal here; Azure has fixed limits only",
        }
    ]
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(
    ("wrote", "direction"),
    [
        ((), None),
        ((Side.AZURE,), "aws-to-azure"),
        ((Side.AWS,), "azure-to-aws"),
        ((Side.AWS, Side.AZURE), "both"),
        ((Side.AZURE, Side.AWS), "both"),
    ],
)
def test_the_direction_follows_from_the_sides_that_were_written(
    wrote: tuple[Side, ...], direction: str | None
) -> None:
    told = line(Outcome(KEY, Kind.MIRRORED, wrote=wrote))
    assert (told["direction"], told["writes"]) == (direction, len(wrote))


def test_findings_are_sorted_by_what_they_are() -> None:
    findings = [Finding(kind, None, "", kind, "") for kind in ("hold", "gate", "conflict", "note")]
    told = line(Outcome(KEY, Kind.HELD, findings=tuple(findings)))
    codes = {name: [each["code"] for each in told[name]] for name in ("held", "conflicts", "notes")}
    assert codes == {"held": ["hold", "gate"], "conflicts": ["conflict"], "notes": ["note"]}


def test_a_line_stays_short_however_much_there_is_to_say() -> None:
    holds = tuple(Finding("hold", Side.AWS, f"behaviors[{n}]", "learned", "") for n in range(500))
    assert len(line(Outcome(KEY, Kind.HELD, findings=holds))["held"]) == MOST


def test_losses_are_told_with_their_effect() -> None:
    w = world()
    chatty = behavior("chatty", "aws:num-messages-sent", "less-than-equals", 100)
    chatty["criteria"]["consecutiveDatapointsToAlarm"] = 3
    w.aws.put("pumps", profile(chatty))
    (loss,) = line(w.look())["losses"]
    assert (loss["code"], loss["effect"], loss["before"]) == ("datapoints-to-alarm", "stronger", 3)
