"""Policy files: what was written reads back as what both sides show, whatever the policies say."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.errors import BadPolicyFile
from shared.operations.policy_files.file import PolicyFile, file_names, shown
from shared.operations.policy_files.reading import read_policy
from shared.operations.policy_files.writing import policy_text, quoted
from shared.routes.load import load_routes
from shared.routes.options import pairing_options
from shared.routes.route import Route
from shared.sync.link import LinkKey
from shared.translation.native import Memory
from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from shared.translation.view import Reading
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups

Document = dict[str, Any]
HUB = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/r"
    "/providers/Microsoft.Devices/IotHubs/hub"
)
ROUTES = load_routes(
    f"""\
version: 1
defaults:
  aws: {{account: "123456789012", region: eu-central-1}}
routes:
  - id: plain
    azure: {{hub: {HUB}-a}}
  - id: wide
    azure: {{hub: {HUB}-b}}
    windows: [PT5M, PT10M, PT15M, PT30M, PT1H]
    protocol: amqp
    custom_metrics: {{mode: use, metrics: {{FailedLocalLogins: failed-local-logins, Process: processes}}}}
"""
)
any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))
any_route = st.sampled_from(ROUTES.routes)
absent = st.none()
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


def read(route: Route, side: Side, document: Document | None) -> Reading | None:
    return None if document is None else reading_of(side, document, pairing(pairing_options(route)))


def readings(route: Route, aws: Document | None, azure: Document | None) -> dict[Side, Reading | None]:
    return {Side.AWS: read(route, Side.AWS, aws), Side.AZURE: read(route, Side.AZURE, azure)}


def _read_back(route: Route, seen: dict[Side, Reading | None], name: str = "pumps") -> str:
    key = LinkKey(route.id, name)
    text = policy_text(key, route, seen)
    found, state = read_policy(text, "p.yaml", ROUTES), shown(seen)
    assert found.key == key
    assert found.rules == state.agreed
    assert found.unsettled == state.apart.keys()
    assert not found.rules.keys() & state.held
    return text


@settings(settings.get_profile("laws"))
@given(any_route, absent | any_profile, absent | any_group)
def test_what_was_written_reads_back(route: Route, aws: Document | None, azure: Document | None) -> None:
    text = _read_back(route, readings(route, aws, azure))
    assert max(map(len, text.splitlines())) < 700
    plain = yaml.safe_load(text)
    assert plain["policy"] == "pumps"
    assert list(plain["rules"]) == sorted(plain["rules"])


@settings(settings.get_profile("laws"))
@given(any_route, any_profile)
def test_a_mirror_has_nothing_unsettled(route: Route, aws: Document) -> None:
    """Both sides show the same: every shared rule is in the file."""
    shared = pairing(pairing_options(route))
    here = reading_of(Side.AWS, aws, shared)
    put = TRANSLATORS[Side.AZURE].put
    group = put(here.atoms, {"properties": {}}, shared, Memory(), {}).document
    seen = readings(route, aws, group)
    found = read_policy(_read_back(route, seen), "p.yaml", ROUTES)
    there = seen[Side.AZURE]
    assert there is not None
    assert dict(found.rules) == {s: a for s, a in here.atoms.items() if s not in there.held_signals}


@given(any_route, any_profile, any_group, st.randoms())
def test_the_order_of_members_does_not_change_the_file(
    route: Route, aws: Document, azure: Document, chance: Any
) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            chance.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return value

    seen = readings(route, aws, azure)
    again = readings(route, shuffled(aws), shuffled(azure))
    key = LinkKey(route.id, "pumps")
    assert policy_text(key, route, again) == policy_text(key, route, seen)


@given(NAMES)
@example("default ")
@example('no: "yes" # \\ \u2028\u0085\ufeff')
def test_any_name_reads_back(name: str) -> None:
    route = ROUTES.routes[0]
    if not route.names.covers(name) or not name.isprintable():
        return
    _read_back(route, readings(route, {"behaviors": []}, None), name)


@given(NAMES)
@example("~")
@example("0x1f")
@example("\U0001f512\ufffd\ufffe")
def test_a_quoted_text_is_that_text_to_every_reader(text: str) -> None:
    line = f"k: {quoted(text)}\n"
    assert yaml.safe_load(line) == {"k": text}
    assert len(line.splitlines()) == 1


@given(st.lists(NAMES, max_size=20, unique=True))
@example(["Pumps", "pumps", "PUMPS"])
@example(["a/../../b", "..", ".", "x" * 300, "x" * 299 + "y"])
def test_every_policy_has_a_file_of_its_own_below_its_route(names: list[str]) -> None:
    keys = [LinkKey("plain", name) for name in names]
    files = file_names(keys)
    assert len({file.lower() for file in files.values()}) == len(names)
    for file in files.values():
        assert re.fullmatch(r"plain/[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]{0,120}\.yaml", file)


LINES = """\
version: 1
route: plain
policy: pumps
rules: {}
rules:
  mqtt-messages-from-device:
    min: 5
    max: 9
    max: -1
    window: PT5M
  outbound-destinations:
    allow: [10.0.0.0/8]
    allow:
      - ::/0
unsettled: [local-users]
- x
{
"""
SOME_LINES = st.lists(st.sampled_from(LINES.splitlines()), max_size=12).map("\n".join)


@given(SOME_LINES | st.binary(max_size=80) | st.text(max_size=80))
def test_whatever_stands_in_a_file_is_read_or_refused_with_its_place(text: str | bytes) -> None:
    problem, found = _tried(text)
    assert all(re.match(r"p\.yaml:\d+:\d+: ", line) for line in problem.splitlines())
    assert problem.replace("\n", "").isprintable()
    if found is not None:
        assert found.key == ("plain", "pumps")
        assert all(atom.statable for atom in found.rules.values())


def _tried(text: str | bytes) -> tuple[str, PolicyFile | None]:
    try:
        return "", read_policy(text, "p.yaml", ROUTES)
    except BadPolicyFile as refused:
        return str(refused), None
