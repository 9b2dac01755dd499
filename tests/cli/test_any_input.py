"""Whatever stands in the file: an answer, or one line; never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from hypothesis import example, given
from hypothesis import strategies as st

from shared.routes.load import read_routes
from tests.cli.support import HUB, Document, full_group, full_profile, refusal, run

MEMBERS = st.sampled_from(
    ["name", "metric", "criteria", "value", "count", "number", "cidrs", "strings", "durationSeconds", "id"]
) | st.sampled_from(
    ["comparisonOperator", "isEnabled", "allowlistValues", "minThreshold", "timeWindowSize", "ruleType"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.sampled_from([0, -1, 2147483647, 2147483648, 10**630, 300, 300.0, 1e308, -0.0, 0.5])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20)  # lone surrogates too
    | st.sampled_from(
        ["", "\ud800", "\x1b[31m", "\u202e", "PT5M", "PT0S", "less-than", "in-set", "::/0", "{0}"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | MEMBERS, inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, *originals: Callable[[], Document]) -> Document:
    """One of the documents, changed in up to three places."""
    document = draw(st.sampled_from(originals))()
    for _ in range(draw(st.integers(1, 3))):
        _mutate(draw, document)
    return document


def _mutate(draw: st.DrawFn, document: Document) -> None:
    node: Any = document
    while True:
        if not node:
            return
        step = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if isinstance(node[step], dict | list) and node[step] and draw(st.integers(0, 4)):
            node = node[step]
            continue
        break
    change = draw(st.sampled_from(["replace", "remove", "repeat", "add"]))
    if change == "remove":
        del node[step]
    elif change == "replace":
        node[step] = draw(VALUES)
    elif isinstance(node, list):
        node.append(copy.deepcopy(node[step]) if change == "repeat" else draw(VALUES))
    else:
        node[draw(MEMBERS)] = draw(VALUES)


def clean(result: Result) -> None:
    if result.exit_code == 2:
        assert refusal(result)
        return
    assert (result.exit_code, result.stderr) == (0, ""), result.exception
    assert result.stdout.isascii()


COMMANDS = pytest.mark.parametrize("command", ["translate", "explain"])


@COMMANDS
@given(content=st.binary(max_size=60))
@example(content=b"\x00")
def test_arbitrary_bytes(command: str, content: bytes) -> None:
    clean(run(command, "-", "--json", stdin=content))


@COMMANDS
@given(value=VALUES)
def test_arbitrary_json(command: str, value: Any) -> None:
    clean(run(command, "-", "--json", stdin=json.dumps(value)))


@COMMANDS
@given(document=mutated(full_profile, full_group))
def test_a_mutated_document(command: str, document: Document) -> None:
    clean(run(command, "-", "--json", stdin=json.dumps(document)))


TWINS = st.tuples(mutated(full_profile), mutated(full_group))


@given(TWINS, st.booleans())
def test_a_mutated_document_onto_another(
    tmp_path_factory: pytest.TempPathFactory, twins: tuple[Document, Document], swap: bool
) -> None:
    source, existing = reversed(twins) if swap else twins
    path = tmp_path_factory.getbasetemp() / "existing.json"
    path.write_text(json.dumps(existing))
    clean(run("translate", "-", "--onto", path, "--json", stdin=json.dumps(source)))


ROUTES = """\
version: 1
routes:
  - id: plant
    aws: {account: "123456789012", region: eu-central-1}
    azure: {hub: HUB}
""".replace("HUB", HUB)
LINES = """\
version: 1
route: plant
policy: pumps
rules: {}
rules:
  active-connections: {max: 3}
  processes: {allow: [sh]}
unsettled: []
unsettled: [x]
- &a
\ud800
\x1b[31m
"""
FLAGS = ["--account", "--region", "--hub", "--id", "--include"]
SOME_LINES = st.lists(st.sampled_from(LINES.splitlines()), max_size=8).map("\n".join)


@given(SOME_LINES | st.text(max_size=60))
@example("version: 1\nroute: plant\npolicy: p\nrules: {}")
@example("version: 1\nroute: plant\npolicy: p\nrules: {}\nrules: {}")
def test_an_arbitrary_policy_file_is_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """None of these can be carried out: there is no cloud behind the routes, and nothing reaches for one."""
    folder = tmp_path_factory.getbasetemp()
    (folder / "routes.yaml").write_text(ROUTES)
    (folder / "p.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    place = ("--routes", folder / "routes.yaml", "--ledger", "sqlite::memory:")
    result = run("import", folder / "p.yaml", *place, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
    if result.exit_code == 1:
        unreachable = "AWS account 123456789012: sts:GetCallerIdentity was not sent (EndpointConnectionError)"
        assert (result.stdout, result.stderr) == ("", f"policy-mirror: {unreachable}\n")
    else:
        assert refusal(result).startswith(f"{folder / 'p.yaml'}:")


@given(
    st.lists(st.sampled_from(["--account", "--region", "--hub", "--id", "--include"]), max_size=5), st.data()
)
def test_arbitrary_answers_to_init(
    tmp_path_factory: pytest.TempPathFactory, flags: list[str], data: st.DataObject
) -> None:
    out = tmp_path_factory.getbasetemp() / "init.yaml"
    known = {"--account": "123456789012", "--region": "eu-west-1", "--hub": HUB}
    answers = st.text(st.characters(exclude_characters="\x00"), max_size=20)
    given = {flag: data.draw(answers | st.just(known.get(flag, "x"))) for flag in flags}
    words = [f"{flag}={value}" for flag, value in (known | given).items()]
    result = run("init", *words, "--out", out, "--force")
    if result.exit_code == 2:
        assert refusal(result)
    else:
        assert (result.exit_code, result.stderr) == (0, ""), result.exception
        assert read_routes(out).routes


@COMMANDS
@given(document=mutated(full_profile, full_group))
def test_a_mutated_document_on_a_terminal(command: str, document: Document) -> None:
    result = run(command, "-", stdin=json.dumps(document))
    assert "\x1b" not in result.output
    if result.exit_code == 2:
        assert refusal(result)
    else:
        assert (result.exit_code, result.stderr) == (0, ""), result.exception
