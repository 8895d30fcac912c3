# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Error messages: what failed, why, and the next step.  Every module of the collection works inside C(failing).

Errors of AWS and botocore are translated here and nowhere else.  What the collection itself refuses is a RefusedError,
whose text is shown as it is.
"""

from __future__ import annotations

import contextlib
import traceback
import typing as t

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports what is missing
    BotoCoreError = ClientError = Exception  # type: ignore[misc, assignment]

from . import codes, defect, denied
from .refused import RefusedError

__all__ = ["BotoCoreError", "ClientError", "RefusedError", "error_code", "error_text", "explain", "failing"]

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

_SIGN_IN = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run on a machine with a role."
_UPGRADE = "The boto3 of this Python is too old for it. Run: pip install --upgrade boto3"
_SENTENCES: tuple[tuple[frozenset[str], str], ...] = (
    (codes.EXPIRED, "the AWS credentials have expired ({code}). Sign in again, then run this again."),
    (
        codes.UNKNOWN_KEY,
        "AWS doesn't accept the credentials ({code}: {text})."
        " Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and this machine's clock.",
    ),
    (codes.NO_CREDENTIALS, f"no AWS credentials were found. {_SIGN_IN}"),
    (
        codes.NO_ANSWER,
        "no answer from AWS ({text}). Check the region (fargate_region), the endpoint (fargate_endpoint_url) and the"
        " network; 'python -m local_aws up' starts a local AWS, and MAGICLUB_ENDPOINT names one on another port.",
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


def error_code(error: BaseException) -> str:
    """Return AWS's error code of a client error, else the name of the exception."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)


def error_text(error: BaseException) -> str:
    """Return AWS's message of a client error, else the text of the exception."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Message") or error)


def explain(error: BaseException, doing: str) -> str:
    """Return the message for an error of botocore; I(doing) is a phrase such as C(update the service web)."""
    code, text = error_code(error), error_text(error).strip().rstrip(".")
    operation = getattr(error, "operation_name", "")
    if refused := denied.refusal(text):
        return f"Failed to {doing}: {refused}"
    if code in codes.DENIED:
        return f"Failed to {doing}: this identity may not {operation} ({code}: {text}). Add it to its policy."
    if _is_unknown_to_sdk(code, text):
        return f"Failed to {doing}: {text}. {_UPGRADE}"
    sentence = next((sentence for meant, sentence in _SENTENCES if code in meant), "{text} ({call}).")
    call = f"{operation}: {code}" if operation else code
    return f"Failed to {doing}: {sentence.format(code=code, text=text, call=call)}"


def _is_unknown_to_sdk(code: str, text: str) -> bool:
    """Return whether the installed botocore is too old to know a parameter or a service."""
    return code == "UnknownServiceError" or (code == "ParamValidationError" and "Unknown parameter in " in text)


def _unknown_operation(error: AttributeError) -> str | None:
    """Return the operation that a client of botocore does not know, or None if the error is a bug of the collection."""
    of_a_client = any(one.__module__ == "botocore.client" for one in type(error.obj).__mro__)
    return error.name if of_a_client else None


@contextlib.contextmanager
def failing(module: AnsibleAWSModule, doing: str) -> t.Iterator[None]:
    """End the module with an error message if the body fails; I(doing) is a phrase such as C(read the network)."""
    try:
        yield
    except RefusedError as error:
        module.fail_json(msg=str(error))
    except (ClientError, BotoCoreError) as error:
        module.fail_json(
            msg=explain(error, f"{doing} in {module.region}"),
            error={"code": error_code(error), "message": error_text(error)},
            exception="".join(traceback.format_exception(error)),
        )
    except AttributeError as error:
        operation = _unknown_operation(error)
        outdated = f"Failed to {doing}: botocore knows no {operation}. {_UPGRADE}"
        msg = outdated if operation else defect.sentence(error, doing)
        module.fail_json(msg=msg, exception=defect.frames(error))
    except OSError:
        raise  # not a bug of the collection, and Ansible reports it
    except Exception as error:
        module.fail_json(msg=defect.sentence(error, doing), exception=defect.frames(error))
