"""The Azure CLI as deploy.sh uses it: records what it is asked, keeps what is made, refuses what az has not.

Run as ``python fake_az.py FOLDER COMMAND...``. Commands and options are those of its reference (read
2026-11); an option that is not there is an error, as with the real one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

GLOBAL = {"--output", "--query"}
COMMANDS: dict[str, set[str]] = {
    "version": set(),
    "account show": set(),
    "provider show": {"--namespace"},
    "provider register": {"--namespace", "--wait"},
    "group exists": {"--name"},
    "group create": {"--name", "--location"},
    "ad app list": {"--identifier-uri", "--display-name"},
    "ad app create": {
        *("--display-name", "--identifier-uris", "--sign-in-audience", "--requested-access-token-version"),
        *("--enable-id-token-issuance", "--web-redirect-uris"),
    },
    "ad app update": {"--id", "--requested-access-token-version", "--set"},
    "ad app federated-credential list": {"--id"},
    "ad app federated-credential create": {"--id", "--parameters"},
    "ad sp show": {"--id"},
    "ad sp create": {"--id"},
    "deployment group create": {"--name", "--resource-group", "--template-file", "--parameters"},
    "deployment group what-if": {"--resource-group", "--template-file", "--parameters"},
    "deployment group show": {"--name", "--resource-group"},
    "functionapp deployment source config-zip": {"--resource-group", "--name", "--src"},
    "functionapp function show": {"--resource-group", "--name", "--function-name"},
    "eventgrid system-topic list": {"--subscription"},
    "resource show": {"--ids"},
}
ANSWERS = {
    "version": "2.77.0",
    "appPrincipalId": "principal-of-app",
    "lambdaClientId": "client-of-lambda",
    "appName": "mirror-app",
    "appHost": "mirror-app.azurewebsites.net",
    "storageName": "mirrorstorage",
    "deadLetterContainer": "dead-letters",
    "actionGroupIds": "[]",
}


def main(folder: Path, words: list[str]) -> int:
    command = next((it for it in COMMANDS if words[: len(it.split())] == it.split()), None)
    options = _options(words[len((command or "").split()) :])
    with (folder / "calls.jsonl").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps({"command": command or " ".join(words), "options": options}) + "\n")
    if command is None or options.keys() - COMMANDS[command] - GLOBAL:
        print(f"az has no such thing: {words}", file=sys.stderr)
        return 2
    state_file = folder / "state.json"
    state: dict[str, Any] = json.loads(state_file.read_text(encoding="utf-8"))
    status, said = _run(command, options, state)
    state_file.write_text(json.dumps(state), encoding="utf-8")
    if said:
        print(said)
    return status


def _options(words: list[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            latest = options.setdefault(word, [])
        else:
            latest.append(word)
    return options


def _run(command: str, options: dict[str, list[str]], state: dict[str, Any]) -> tuple[int, str]:  # noqa: C901, PLR0911, PLR0912
    def given(name: str) -> str:
        return options.get(name, [""])[0]

    query = given("--query")
    match command:
        case "version":
            return 0, state.get("version", ANSWERS["version"])
        case "account show":
            return 0, "the-tenant" if query == "tenantId" else "the-subscription"
        case "provider show":
            return 0, "Registered" if given("--namespace") in state["providers"] else "NotRegistered"
        case "provider register":
            state["providers"].append(given("--namespace"))
        case "group exists":
            return 0, str(given("--name") in state["groups"]).lower()
        case "group create":
            state["groups"].append(given("--name"))
        case "ad app list":
            return 0, state["apps"].get(given("--identifier-uri") or given("--display-name"), "")
        case "ad app create":
            key = given("--identifier-uris") or given("--display-name")
            if key in state["refused_uris"]:
                return 1, ""
            state["apps"][key] = f"app-of-{key}"
            return 0, state["apps"][key]
        case "ad sp show":
            return (0 if given("--id") in state["principals"] else 3), ""
        case "ad sp create":
            state["principals"].append(given("--id"))
        case "ad app federated-credential list":
            return 0, "function-app" if given("--id") in state["trusts"] else ""
        case "ad app federated-credential create":
            state["trusts"].append(given("--id"))
        case "deployment group create":
            if state["refusals"]:
                state["refusals"] -= 1
                return 1, ""
            state["deployments"].append(given("--name"))
        case "deployment group what-if":
            return 0, f"would deploy {Path(given('--template-file')).name}"
        case "deployment group show":
            key = query.removeprefix("properties.outputs.").removesuffix(".value")
            return (0, ANSWERS[key]) if given("--name") in state["deployments"] else (3, "")
        case "functionapp function show":
            state["hidden"] -= 1
            return (3 if state["hidden"] >= 0 else 0), ""
        case "eventgrid system-topic list":
            return 0, "\n".join("\t".join(pair) for pair in state["topics"])
        case "resource show":
            return 0, state["topic_principal"]
    return 0, ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
