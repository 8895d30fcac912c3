# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS's errors in words: what failed, why, and the next step.  The one place that translates them."""

from __future__ import annotations

import contextlib
import functools
import traceback
import typing as t

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    from botocore import exceptions as botocore_exceptions

from ..._aws import codes, denied

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Call = t.TypeVar("Call", bound=t.Callable[..., t.Any])

_SENTENCES: tuple[tuple[frozenset[str], str], ...] = (
    (codes.EXPIRED, "the AWS credentials have expired ({code}). Sign in again, then run this again."),
    (
        codes.UNKNOWN_KEY,
        (
            "AWS doesn't accept the credentials ({code}: {text})."
            " Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and this machine's clock."
        ),
    ),
    (
        codes.NO_CREDENTIALS,
        (
            "no AWS credentials were found."
            " Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run on a machine with a role."
        ),
    ),
    (
        codes.NO_ANSWER,
        "no answer from AWS ({text}). Check region, endpoint_url and the network.",
    ),
    (
        codes.THROTTLED,
        "AWS kept throttling the call through all retries ({code}). Run it again later, or with fewer runs at once.",
    ),
    (
        frozenset(("ClusterNotFoundException",)),
        "there is no such cluster in this account and region. Create it first, or set cluster.",
    ),
)


class AWSError(Exception):
    """A call to AWS that failed: the message is fit for a person, the cause is botocore's exception."""

    def __init__(self, message: str, cause: BaseException) -> None:
        super().__init__(message)
        self.cause = cause
        self.code = error_code(cause)


class RefusedError(Exception):
    """What was asked can't be done, or was not in the time that was given."""


def error_code(error: BaseException) -> str:
    """Return AWS's code of a client error, or the exception's name."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)


def error_text(error: BaseException) -> str:
    """Return AWS's own message of a client error, or the exception's text."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Message") or error)


def explain(error: BaseException, doing: str, service: str = "ecs") -> str:
    """Return the sentence for an error of botocore.

    I(doing) says what was tried, as in C(update the service lotto); I(service) is the IAM prefix of the action.
    """
    code, text = error_code(error), error_text(error).strip().rstrip(".")
    if code in codes.DENIED or "is not authorized to perform" in text:
        return _denied(error, text, doing, service)
    sentence = next((sentence for meant, sentence in _SENTENCES if code in meant), "{text} ({code}).")
    return f"Can't {doing}: {sentence.format(code=code, text=text)}"


def explained(doing: str, service: str = "ecs") -> t.Callable[[Call], Call]:
    """Decorate a function that makes one call: an error of botocore leaves it as an AWSError.

    I(doing) is formatted with the call's keyword arguments.
    """

    def decorate(function: Call) -> Call:
        @functools.wraps(function)
        def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
            try:
                return function(*args, **kwargs)
            except (botocore_exceptions.ClientError, botocore_exceptions.BotoCoreError) as error:
                raise AWSError(explain(error, doing.format(**kwargs), service), error) from error

        return t.cast("Call", call)

    return decorate


def fail(module: AnsibleAWSModule, error: Exception) -> None:
    """End the module with the error's message, and AWS's code where there is one."""
    details: dict[str, t.Any] = {}
    if isinstance(error, AWSError):
        details["error"] = {"code": error.code, "message": error_text(error.cause)}
        details["exception"] = "".join(traceback.format_exception(error.cause))
    module.fail_json(msg=str(error), **details)


def _denied(error: BaseException, text: str, doing: str, service: str) -> str:
    unnamed = denied.Refusal("this identity", f"{service}:{getattr(error, 'operation_name', '*')}")
    return f"Can't {doing}: {denied.refusal(text) or unnamed}"
