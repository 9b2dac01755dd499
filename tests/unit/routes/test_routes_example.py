"""infra/routes.example.yaml is what people begin with."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from shared.routes.custom_metrics import CustomMetrics
from shared.routes.load import read_routes
from shared.routes.names import Names
from shared.routes.route import Route, Routes
from shared.routes.scopes import AwsScope, AzureScope

EXAMPLE = Path(__file__).resolve().parents[3] / "infra" / "routes.example.yaml"


def test_the_example_loads() -> None:
    assert [route.id for route in read_routes(EXAMPLE).routes] == ["plant-eu", "lab-us"]


def test_the_defaults_in_the_example_are_the_defaults_of_the_code() -> None:
    smallest = read_routes(EXAMPLE).routes[0]
    assert smallest == Route(id=smallest.id, aws=smallest.aws, azure=smallest.azure)


@pytest.mark.parametrize("model", [Routes, Route, AwsScope, AzureScope, Names, CustomMetrics])
def test_the_example_shows_every_setting(model: type[BaseModel]) -> None:
    shown = {
        line.strip().removeprefix("- ").partition(":")[0]
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
    }
    assert set(model.model_fields) <= shown


@pytest.mark.parametrize(
    "setting", [name for name, f in Route.model_fields.items() if "Literal" in str(f.annotation)]
)
def test_the_example_names_every_choice(setting: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    schema = Route.model_json_schema()["properties"][setting]
    choices = schema.get("enum") or schema["items"]["enum"]
    assert [choice for choice in choices if choice not in text] == []
