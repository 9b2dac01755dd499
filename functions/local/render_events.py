"""The sandbox's greeting, and one line per event and decision, for people."""

from __future__ import annotations

from typing import Any

from click import style

COLOURS = {
    "mirrored": "green",
    "held": "yellow",
    "conflict": "magenta",
    "notice": "magenta",
    "pending": "cyan",
    "busy": "cyan",
    "error": "red",
    "refused": "red",
}
ARROWS = {"aws-to-azure": "AWS -> Azure", "azure-to-aws": "Azure -> AWS", "both": "AWS <-> Azure"}

GREETING = """\
Two clouds and both functions are running. Nothing leaves this machine.

  AWS IoT    {aws[endpoint]}   account {aws[account]}, region {aws[region]}
  Azure ARM  {azure[endpoint]}   subscription {azure[subscription]}
  IoT hub    {azure[hub]}

From a shell:

  export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox AWS_DEFAULT_REGION={aws[region]}
  aws --endpoint-url {aws[endpoint]} iot create-security-profile --security-profile-name pumps --behaviors \\
    '[{{"name": "chatty", "metric": "aws:num-messages-sent", "criteria": {{"comparisonOperator": "less-than",
      "value": {{"count": 100}}, "durationSeconds": 300}}}}]'
  curl -s -H 'Authorization: Bearer user.alice' \\
    '{azure[endpoint]}{azure[hub]}/providers/Microsoft.Security/deviceSecurityGroups/pumps?api-version=2019-08-01'

From Python:

  import boto3
  iot = boto3.client("iot", endpoint_url="{aws[endpoint]}", region_name="{aws[region]}",
                     aws_access_key_id="sandbox", aws_secret_access_key="sandbox")

  from azure.core.credentials import AccessToken
  from azure.mgmt.security import SecurityCenter
  class Alice:
      def get_token(self, *scopes, **options): return AccessToken("user.alice", 4102444800)
  arm = SecurityCenter(Alice(), "{azure[subscription]}", base_url="{azure[endpoint]}")
  arm.device_security_groups.get("{azure[hub]}", "pumps", enforce_https=False)

In another terminal, every command of policy-mirror works on it with --sandbox:

  policy-mirror status --sandbox        # or: export POLICY_MIRROR_SANDBOX=1

Make trouble: PUT {aws[endpoint]}/_sandbox/faults or /_sandbox/bus, e.g. {{"lose_next": 1}}. Ctrl-C stops.
"""


def greeting(ready: dict[str, Any]) -> str:
    return GREETING.format(**ready)


def event_line(line: dict[str, Any], *, colour: bool) -> str:
    """``mirrored  AWS -> Azure  sandbox/pumps  1 write``, with codes and reasons where there are any."""
    event = str(line.get("event", ""))
    word = f"{event:<9}"
    if colour:
        word = style(word, fg=COLOURS.get(event), bold=event == "mirrored", dim=event in ("no-op", "ignored"))
    where = ARROWS.get(str(line.get("direction")), f"({line.get('function', '')})")
    parts = [word, f"{where:<13}", str(line.get("link", "")), _writes(line), str(line.get("code", ""))]
    reason = str(line.get("reason", ""))
    text = "  ".join(part for part in parts if part)
    return f"{text}: {reason}" if reason else text


def _writes(line: dict[str, Any]) -> str:
    count = line.get("writes", 0)
    return f"{count} write{'s' if count != 1 else ''}" if count else ""
