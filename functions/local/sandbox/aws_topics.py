"""The one call of SNS that the functions make: Publish, into the sandbox's inbox."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Request, Response

from functions.local.sandbox.inbox import Inbox

ANSWER = """\
<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>{id}</MessageId>\
</PublishResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></PublishResponse>"""


def is_publish(request: Request) -> bool:
    """SNS speaks AWS's query protocol: a form whose Action says what is asked (botocore's sns model)."""
    return request.method == "POST" and request.path == "/" and request.form.get("Action") == "Publish"


def publish(request: Request, inbox: Inbox, request_id: str) -> Response:
    form = request.form
    inbox.put({**_attributes(form), "subject": form.get("Subject", ""), "text": form.get("Message", "")})
    return Response(ANSWER.format(id=request_id), 200, content_type="text/xml; charset=utf-8")


def _attributes(form: Mapping[str, str]) -> dict[str, str]:
    entry = "MessageAttributes.entry"
    names = {
        key.split(".")[2]: value for key, value in form.items() if key.startswith(entry) and "Name" in key
    }
    return {name: form.get(f"{entry}.{place}.Value.StringValue", "") for place, name in names.items()}
