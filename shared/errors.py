"""The one exception tree.

::

    MirrorError
    ├── BadInput                 somebody can mend it: a file, an event, a command
    │   ├── BadDocument          a native document that its own cloud could not have said
    │   ├── BadRoutes            routes.yaml, with the line
    │   ├── BadPolicyFile        a policy file, with the line
    │   └── BadEvent             a delivery that no trigger of ours sends
    ├── CloudError               a cloud answered, or did not
    │   ├── Throttled            try again after ``retry_after`` seconds
    │   ├── Unreachable          no answer to a read, or a 5xx
    │   ├── LongListing          it takes more time than there is
    │   ├── StalePage            it cannot go on where it was: begin it anew
    │   ├── Unanswered           no answer to a write: it may have been applied
    │   ├── Denied               401 or 403: which identity lacks what
    │   ├── ScopeMissing         the hub, provider or account itself does not answer for the object
    │   ├── Refused              the cloud refuses this document, for good
    │   └── RevisionConflict     somebody wrote between our read and our write
    └── LedgerError
        ├── LedgerConflict       a conditional write lost: somebody else moved the record
        └── LedgerUnavailable    throttled, timed out or unreachable

Messages name the object, the numbers and the way out; they never carry a claim, a token or a document.
"""

from __future__ import annotations


class MirrorError(Exception):
    """Anything this project raises on purpose. ``code`` is a stable slug that scripts may match."""

    code = "error"

    @property
    def transient(self) -> bool:
        """Whether the same call may succeed later with nothing changed by anybody."""
        return False


class BadInput(MirrorError):
    code = "bad-input"


class BadDocument(BadInput):
    """``path`` names the native member, e.g. ``behaviors[x].criteria.durationSeconds``."""

    code = "bad-document"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


class BadRoutes(BadInput):
    code = "bad-routes"


class BadPolicyFile(BadInput):
    code = "bad-policy-file"


class BadEvent(BadInput):
    code = "bad-event"


class CloudError(MirrorError):
    """``where`` names the object and its cloud, e.g. ``AWS security profile 'x' in eu-central-1``."""

    code = "cloud-error"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class Throttled(CloudError):
    code = "throttled"

    def __init__(self, where: str, problem: str, retry_after: float = 1.0) -> None:
        super().__init__(where, problem)
        self.retry_after = retry_after

    @property
    def transient(self) -> bool:
        return True


class Unreachable(CloudError):
    code = "unreachable"

    @property
    def transient(self) -> bool:
        return True


class LongListing(CloudError):
    code = "long-listing"


class StalePage(CloudError):
    code = "stale-page"

    @property
    def transient(self) -> bool:
        return True


class Unanswered(CloudError):
    code = "unanswered"

    @property
    def transient(self) -> bool:
        return True


class Denied(CloudError):
    code = "denied"


class ScopeMissing(CloudError):
    code = "scope-missing"


class Refused(CloudError):
    code = "refused"


class RevisionConflict(CloudError):
    code = "revision-conflict"

    @property
    def transient(self) -> bool:
        return True


class LedgerError(MirrorError):
    code = "ledger-error"


class LedgerConflict(LedgerError):
    code = "ledger-conflict"

    @property
    def transient(self) -> bool:
        return True


class LedgerUnavailable(LedgerError):
    code = "ledger-unavailable"

    @property
    def transient(self) -> bool:
        return True
