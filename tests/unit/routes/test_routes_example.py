"""infra/routes.example.yaml is what people begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import fields

from shared.routes.custom_metrics import CustomMetrics
from shared.routes.load import read_routes
from shared.routes.names import Names
from shared.routes.reading import Part
from shared.routes.route import Route, Routes
from shared.routes.scopes import AwsScope, AzureScope

EXAMPLE = Path(__file__).resolve().parents[3] / "infra" / "routes.example.yaml"


def test_the_example_loads() -> None:
    assert [route.id for route in read_routes(EXAMPLE).routes] == ["plant-eu", "lab-us"]


def test_the_defaults_in_the_example_are_the_defaults_of_the_code() -> None:
    smallest = read_routes(EXAMPLE).routes[0]
    assert smallest == Route(id=smallest.id, aws=smallest.aws, azure=smallest.azure)


@pytest.mark.parametrize("model", [Routes, Route, AwsScope, AzureScope, Names, CustomMetrics])
def test_the_example_shows_every_setting(model: type[Part]) -> None:
    shown = {
        line.strip().removeprefix("- ").partition(":")[0]
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
    }
    assert {field.name for field in fields(model)} <= shown


def choices(annotation: Any) -> list[str]:
    """Every text in it that a Literal allows."""
    inner = [each for each in get_args(annotation) if each is not ...]
    return [each for each in inner if isinstance(each, str)] + [
        choice for each in inner if not isinstance(each, str) for choice in choices(each)
    ]


CHOICES = {field.name: choices(field.type) for field in fields(Route)}


def test_there_are_choices() -> None:
    assert CHOICES["approximate"] == ["stronger", "weaker", "unknown"]
    assert CHOICES["delete"] == ["hold", "mirror"]


@pytest.mark.parametrize("setting", [name for name, found in CHOICES.items() if found])
def test_the_example_names_every_choice(setting: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [choice for choice in CHOICES[setting] if choice not in text] == []
