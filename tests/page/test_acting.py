"""What is done from the page: signed in, confirmed, and exactly as it was reviewed."""

from __future__ import annotations

import pytest

from shared.operations.page.gate import EntraGate, LocalGate
from shared.operations.page.review import ACTIONS
from shared.sync import effects as do
from shared.sync.link import State
from tests.page.asking import WHERE, Browser
from tests.unit.operations.asking import ask, bound, conflicting
from tests.unit.sync.documents import at_most, profile
from tests.unit.sync.world import FUNCTION, World


def edited(**settings: str) -> World:
    """In step at 100, and AWS says 60 by now."""
    w = bound(**settings)
    w.aws.put("pumps", profile(sent=at_most(60)))
    return w


# From the card to the end


def test_a_conflict_is_settled_from_its_card_with_two_clicks() -> None:
    w = conflicting()
    browser = Browser(w)
    asked = browser.follow(browser.get(), "Take Azure")
    assert "at most 60 in 5 min" in asked.text
    assert "at most 80 in 5 min" in asked.text
    assert w.took() == []
    done = browser.send(asked)
    assert done.one("h1").text == "Done"
    assert w.aws.said() == w.azure.said() == {"sent": at_most(80)}


def test_the_journal_names_who_did_it_and_how_it_came() -> None:
    w = conflicting()
    browser = Browser(w)
    browser.send(browser.get("confirm", command="resolve", take="aws", **WHERE))
    assert {entry.actor for entry in w.journal() if entry.decision == "resolve"} == {"ada via page"}


def test_a_loosening_is_approved_by_its_plan() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(500)))
    w.look()
    browser = Browser(w)
    asked = browser.follow(browser.get(), "Approve")
    assert "at most 500 in 5 min" in asked.text
    browser.send(asked)
    assert w.azure.said() == {"sent": at_most(500)}


def test_what_differs_is_mirrored_from_the_policys_own_page() -> None:
    w = edited()
    browser = Browser(w)
    page = browser.get("link", **WHERE)
    assert page.one("section", **{"aria-labelledby": "outlook"}).one("h2").text == "A look now would write"
    browser.send(browser.follow(page, "Mirror it now"))
    assert w.azure.said() == {"sent": at_most(60)}


def test_a_route_is_paused_and_resumed() -> None:
    w = bound()
    browser = Browser(w)
    browser.send(browser.follow(browser.get(), "Pause"))
    assert w.scope().paused
    browser.send(browser.follow(browser.get(), "Resume"))
    assert not w.scope().paused


def test_a_frozen_route_is_released_and_the_reason_is_shown_first() -> None:
    w = bound()
    ask(w, "freeze", route="fleet", reason="audit")
    browser = Browser(w)
    asked = browser.follow(browser.get(), "Release")
    assert "audit" in asked.text
    browser.send(asked)
    assert w.scope().frozen is None


def test_a_pair_is_taken_apart_from_the_card_of_its_held_deletion() -> None:
    w = bound()
    w.azure.remove("pumps")
    w.look()
    w.later()
    browser = Browser(w)
    browser.send(browser.follow(browser.get(), "Take the pair apart"))
    assert w.link().state is State.UNLINKED
    assert w.took() == []


def test_a_pair_that_was_taken_apart_is_mirrored_again() -> None:
    w = edited()
    ask(w, "unlink", **WHERE)
    browser = Browser(w)
    asked = browser.follow(browser.get("link", **WHERE), "Mirror it again")
    browser.send(asked)
    assert w.link().adopted


def test_what_the_other_function_has_to_write_is_told_so() -> None:
    w = edited()
    browser = Browser(w, worker=FUNCTION)
    done = browser.send(browser.get("confirm", command="sync", **WHERE))
    assert "the other cloud's function writes the rest" in done.text
    assert w.took() == []


# Exactly what was reviewed


@pytest.mark.parametrize(
    ("command", "more"), [("sync", {}), ("resolve", {"take": "aws"}), ("approve", {}), ("resume", {})]
)
def test_a_plan_that_changed_meanwhile_is_shown_again_and_not_carried_out(
    command: str, more: dict[str, str]
) -> None:
    w = conflicting(loosening="approve")
    browser = Browser(w)
    asked = browser.get("confirm", command=command, **WHERE, **more)
    w.aws.put("pumps", profile(sent=at_most(10)))
    before = w.link()
    again = browser.send(asked)
    assert browser.reply.status == 409
    assert "It has changed since you looked" in again.text
    assert w.took() == []
    assert w.link() == before
    digests = [page.one("input", name="digest").attributes["value"] for page in (asked, again)]
    assert digests[0] != digests[1]


def test_a_plan_that_changes_in_the_very_moment_is_refused_by_the_engine() -> None:
    w = conflicting()
    browser = Browser(w)
    asked = browser.get("confirm", command="resolve", take="aws", **WHERE)
    w.after(do.SaveLink, lambda: w.aws.put("pumps", profile(sent=at_most(10))))
    done = browser.send(asked)
    assert "the plan is now" in done.text
    assert w.took() == []
    assert w.link().resolution is None


def test_a_freeze_for_another_reason_is_not_released_by_an_old_review() -> None:
    w = bound()
    ask(w, "freeze", route="fleet", reason="audit")
    browser = Browser(w)
    asked = browser.get("confirm", command="release", route="fleet")
    ask(w, "freeze", route="fleet", reason="too many deletions")
    again = browser.send(asked)
    assert "too many deletions" in again.text
    assert w.scope().frozen is not None


# Who may


@pytest.mark.parametrize("gate", [LocalGate("ada", may_act=False), EntraGate(True, frozenset({"ada"}))])
@pytest.mark.parametrize("command", sorted(ACTIONS))
def test_without_a_sign_in_nothing_is_done(gate: LocalGate, command: str) -> None:
    w = conflicting()
    asked = Browser(w).get("confirm", command=command, take="aws", **WHERE)
    browser = Browser(w, gate)
    before = w.link()
    refused = browser.send(asked) if asked.all("form") else browser.get("confirm", command=command, **WHERE)
    assert browser.reply.status == 403
    assert not refused.all("form")
    assert w.link() == before
    assert w.took() == []


def test_who_is_not_signed_in_is_led_to_it_and_told_the_command() -> None:
    browser = Browser(conflicting(), EntraGate(True, frozenset({"Operator"})))
    page = browser.get("confirm", command="resolve", take="aws", **WHERE)
    assert page.one("a", href="/.auth/login/aad").text == "Sign in"
    assert "policy-mirror resolve fleet/pumps --take aws" in page.text


# From a page of ours


def test_a_form_from_elsewhere_is_refused() -> None:
    w = conflicting()
    for site in ("cross-site", "same-site", "none", None):
        browser = Browser(w)
        asked = browser.get("confirm", command="resolve", take="aws", **WHERE)
        browser.headers = {} if site is None else {"sec-fetch-site": site}
        browser.send(asked)
        assert browser.reply.status == 400
    assert w.took() == []


@pytest.mark.parametrize("changes", [{"csrf": "guess"}, {"csrf": ""}])
def test_a_form_without_the_secret_is_refused(changes: dict[str, str]) -> None:
    w = conflicting()
    browser = Browser(w)
    browser.send(browser.get("confirm", command="resolve", take="aws", **WHERE), **changes)
    assert browser.reply.status == 400
    assert w.took() == []


def test_a_form_without_the_cookie_is_refused() -> None:
    w = conflicting()
    browser = Browser(w)
    asked = browser.get("confirm", command="resolve", take="aws", **WHERE)
    browser.cookies.clear()
    browser.send(asked, csrf="")
    assert browser.reply.status == 400
    assert w.took() == []


def test_deployed_the_cookie_is_bound_to_this_very_host() -> None:
    signed_in = Browser(conflicting())
    signed_in.gate = LocalGate("ada", secure=True)
    signed_in.get("confirm", command="pause", **WHERE)
    cookie = signed_in.reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    for word in ("; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"):
        assert word in cookie


def test_a_get_never_does_anything() -> None:
    w = conflicting()
    before = w.link()
    for command in sorted(ACTIONS):
        Browser(w).get("confirm", command=command, take="aws", digest="x", csrf="x", **WHERE)
    assert w.link() == before
    assert w.took() == []


# What cannot be


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"command": "sweep", "route": "fleet"}, "cannot be given from the page"),
        ({"command": "export", "route": "fleet"}, "cannot be given from the page"),
        ({"command": "pause", "route": "other"}, "not in routes.yaml"),
        ({"command": "resolve", "route": "fleet"}, "needs the name"),
        ({"command": "resolve", "route": "fleet", "name": "pumps", "take": "mine"}, "take is one of"),
        ({"command": "sync", "route": "fleet", "name": "default"}, "does not cover"),
        ({"command": "sync", "route": "fleet", "name": "valves"}, "does not know it"),
    ],
)
def test_what_cannot_be_done_says_why(query: dict[str, str], said: str) -> None:
    browser = Browser(conflicting())
    page = browser.get("confirm", **query)
    assert browser.reply.status == 400
    assert said in page.text


@pytest.mark.parametrize(("path", "status"), [("", 405), ("link", 405), ("nowhere", 405), ("confirm", 400)])
def test_a_post_goes_nowhere_but_to_the_confirmation(path: str, status: int) -> None:
    browser = Browser(conflicting())
    browser._ask("POST", path, {}, b"command=pause&route=fleet")
    assert browser.reply.status == status
