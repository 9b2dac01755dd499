"""The figures of a long run are kept for the README, and an interrupted run goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.local import simulation_figures
from functions.local.simulation_figures import simulation_section
from tests.simulation import figures
from tests.simulation.profiles import PROFILES
from tests.simulation.run import main

SHORT = ["--profile", "calm", "--seeds", "1", "--workers", "1"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "figures.json"
    monkeypatch.setattr(figures, "FILE", path)
    monkeypatch.setattr(simulation_figures, "FIGURES", path)
    return path


def test_the_kept_figures_are_of_every_profile_and_reach_what_they_should() -> None:
    kept = json.loads(figures.FILE.read_text(encoding="utf-8"))["profiles"]
    assert list(kept) == list(PROFILES)
    for name, row in kept.items():
        assert row["seeds"] >= 1000
        most = 0.0 if PROFILES[name].lossless else 0.1
        assert 1000 * row["silent"] / row["edits"] <= most
        assert (row["wrong_deletes"], row["broken_runs"]) == (0, 0)
        assert row["writes"] <= row["edits"]


def test_a_run_keeps_its_figures_and_is_not_run_again(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--write-figures"]) == 0
    before = file.read_text(encoding="utf-8")
    assert figures.known("calm", 1)
    assert not figures.known("calm", 2)
    capsys.readouterr()
    assert main([*SHORT, "--write-figures"]) == 0
    assert "calm" not in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == before


def test_another_engine_is_run_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main([*SHORT, "--write-figures"])
    monkeypatch.setattr(figures, "engine_digest", lambda: "another")
    assert not figures.known("calm", 1)


def test_the_section_tells_seeds_losses_and_what_is_not_covered() -> None:
    section = simulation_section()
    assert "| everything |" in section
    assert "| the engine |" in section
    assert "cannot be restored" in section


def test_json_is_one_object_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["name"], told["seeds"], told["breaches"]) == ("calm", 1, [])
