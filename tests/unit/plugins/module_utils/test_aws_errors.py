# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import errors
from botocore import exceptions
from botocore.retries.standard import ThrottledRetryableChecker

USER = "arn:aws:iam::123456789012:user/deployer"
CLUSTER = "arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs"


def client_error(code, message, operation="UpdateService"):
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            client_error(
                "AccessDeniedException",
                f"User: {USER} is not authorized to perform: ecs:CreateCluster on resource: {CLUSTER}"
                " because no identity-based policy allows the ecs:CreateCluster action",
            ),
            f"Failed to do it: {USER} may not ecs:CreateCluster on {CLUSTER}. Add to its policy:"
            f' {{"Effect": "Allow", "Action": "ecs:CreateCluster", "Resource": "{CLUSTER}"}}',
            id="denied",
        ),
        pytest.param(
            client_error(
                "AccessDeniedException",
                f"User: {USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r because"
                " no identity-based policy allows the iam:PassRole action",
            ),
            f"Failed to do it: {USER} may not iam:PassRole on arn:aws:iam::1:role/r. Add to its policy:"
            ' {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/r",'
            ' "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}',
            id="PassRole",
        ),
        pytest.param(
            client_error("AccessDenied", "Access Denied"),
            "Failed to do it: this identity may not UpdateService (AccessDenied: Access Denied). Add it to its policy.",
            id="denied without words",
        ),
        pytest.param(
            client_error("ExpiredTokenException", "The security token included in the request is expired"),
            "Failed to do it: the AWS credentials have expired (ExpiredTokenException)."
            " Sign in again, then run this again.",
            id="expired",
        ),
        pytest.param(
            client_error("UnrecognizedClientException", "The security token included in the request is invalid."),
            "Failed to do it: AWS doesn't accept the credentials (UnrecognizedClientException: The security token"
            " included in the request is invalid). Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
            " and this machine's clock.",
            id="unknown key",
        ),
        pytest.param(
            exceptions.NoCredentialsError(),
            "Failed to do it: no AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or run on a machine with a role.",
            id="no credentials",
        ),
        pytest.param(
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            'Failed to do it: no answer from AWS (Could not connect to the endpoint URL: "http://127.0.0.1:1").'
            " Check the region (fargate_region), the endpoint (fargate_endpoint_url) and the network;"
            " 'python -m local_aws up' starts a local AWS, and MAGICLUB_ENDPOINT names one on another port.",
            id="no answer",
        ),
        pytest.param(
            client_error("ThrottlingException", "Rate exceeded"),
            "Failed to do it: AWS kept throttling the call through all retries (ThrottlingException). Run it again"
            " later, or with fewer runs at once.",
            id="throttled",
        ),
        pytest.param(
            client_error("ClusterNotFoundException", "Cluster not found."),
            "Failed to do it: there is no such cluster in this account and region. Create it first, or set cluster.",
            id="no cluster",
        ),
        pytest.param(
            client_error("InvalidParameterException", "The container {x} does not exist in the task definition."),
            "Failed to do it: The container {x} does not exist in the task definition (UpdateService:"
            " InvalidParameterException).",
            id="anything else",
        ),
    ],
)
def test_explain(error, expected):
    assert errors.explain(error, "do it") == expected


# botocore's own list, but for a quota and what DynamoDB says
THROTTLED = {*ThrottledRetryableChecker._THROTTLED_ERROR_CODES} - {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
}
SENTENCES = {
    "the AWS credentials have expired": (
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "TokenRefreshRequired",
    ),
    "AWS doesn't accept the credentials": (
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    "no AWS credentials were found": ("NoCredentialsError", "PartialCredentialsError"),
    "no answer from AWS": (
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ReadTimeoutError",
    ),
    "AWS kept throttling the call": THROTTLED,
    "there is no such cluster": ("ClusterNotFoundException",),
    "this identity may not UpdateService": (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
        "Forbidden",
        "403",
    ),
}


@pytest.mark.parametrize(
    ("code", "sentence"), [(code, sentence) for sentence, codes in SENTENCES.items() for code in sorted(codes)]
)
def test_each_code_has_its_sentence(code, sentence):
    assert errors.explain(client_error(code, "x"), "do it").startswith(f"Failed to do it: {sentence}")


def test_a_refusal_is_known_by_its_words_too():
    error = client_error("Client.Weird", f"User: {USER} is not authorized to perform: ecs:TagResource on resource: *")
    assert errors.explain(error, "do it").startswith(f"Failed to do it: {USER} may not ecs:TagResource on *.")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (client_error("A", "b"), "A", "b"),
        (client_error("", ""), "ClientError", str(client_error("", ""))),
        (KeyError("x"), "KeyError", "'x'"),
        (exceptions.NoCredentialsError(), "NoCredentialsError", "Unable to locate credentials"),
    ],
)
def test_code_and_text_of_an_error(error, code, text):
    assert (errors.error_code(error), errors.error_text(error)) == (code, text)


class Module:
    """A module that only fails."""

    region = "eu-west-1"

    def fail_json(self, **result):
        self.result = result


def failed(error):
    """Return what a module ends with whose work raises I(error)."""
    module = Module()
    with errors.failing(module, "update it"):
        raise error
    return module.result


def test_a_module_fails_with_the_call_the_code_and_the_text():
    result = failed(client_error("ServerException", "Try later"))
    assert result["msg"] == "Failed to update it in eu-west-1: Try later (UpdateService: ServerException)."
    assert result["error"] == {"code": "ServerException", "message": "Try later"}
    assert "ClientError" in result["exception"]


def test_a_module_fails_where_aws_was_not_reached():
    result = failed(exceptions.NoCredentialsError())
    assert result["msg"].startswith("Failed to update it in eu-west-1: no AWS credentials were found.")


def test_a_module_that_refuses_says_just_why():
    assert failed(errors.RefusedError("No.")) == {"msg": "No."}


def test_a_bug_is_told_as_one():
    message = failed(KeyError("x"))["msg"]
    assert message.startswith("Failed to update it: KeyError at ")
    assert "This is a bug of magiclub.fargate." in message


def test_an_explicit_deny_is_not_answered_with_an_allow():
    error = client_error(
        "AccessDeniedException",
        f"User: {USER} is not authorized to perform: ecs:UpdateService on resource: {CLUSTER}"
        " with an explicit deny in a service control policy",
    )
    sentence = errors.explain(error, "do it")
    assert "service control policy" in sentence
    assert "Effect" not in sentence


class Failing:
    """A module that only notes how it fails."""

    region = "ap-northeast-2"

    def fail_json(self, **result):
        raise SystemExit(result["msg"])


def said_of(fail):
    with pytest.raises(SystemExit) as caught, errors.failing(Failing(), "deploy web"):
        fail()
    return str(caught.value)


def test_what_only_a_later_botocore_knows_is_told_with_what_to_upgrade():
    ecs = boto3.client("ecs", region_name="ap-northeast-2", aws_access_key_id="x", aws_secret_access_key="x")
    upgrade = "The boto3 of this Python is too old for it. Run: pip install --upgrade boto3"
    said = said_of(lambda: ecs.walk_on_water())  # noqa: PLW0108 - the client is asked inside
    assert said == f"Failed to deploy web: botocore knows no walk_on_water. {upgrade}"
    said = said_of(lambda: ecs.list_clusters(colour="blue"))
    assert said.startswith("Failed to deploy web in ap-northeast-2: Parameter validation failed")
    assert '"colour"' in said and said.endswith(upgrade)
    assert said_of(lambda: boto3.client("nothing", region_name="x")).endswith(upgrade)
    # a wrong value is none of that
    assert upgrade not in said_of(lambda: ecs.list_clusters(maxResults="many"))
    for ours in (None, object(), {}, Failing):
        assert "This is a bug of magiclub.fargate" in said_of(lambda ours=ours: ours.nothing)
