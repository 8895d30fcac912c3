# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import errors
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
            f"Can't do it: {USER} may not ecs:CreateCluster on {CLUSTER}. Add to its policy:"
            f' {{"Effect": "Allow", "Action": "ecs:CreateCluster", "Resource": "{CLUSTER}"}}',
            id="denied",
        ),
        pytest.param(
            client_error(
                "AccessDeniedException",
                f"User: {USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r because"
                " no identity-based policy allows the iam:PassRole action",
            ),
            f"Can't do it: {USER} may not iam:PassRole on arn:aws:iam::1:role/r. Add to its policy:"
            ' {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/r",'
            ' "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}',
            id="PassRole",
        ),
        pytest.param(
            client_error("AccessDenied", "Access Denied"),
            "Can't do it: this identity may not ecs:UpdateService on *. Add to its policy:"
            ' {"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*"}',
            id="denied without words",
        ),
        pytest.param(
            client_error("ExpiredTokenException", "The security token included in the request is expired"),
            "Can't do it: the AWS credentials have expired (ExpiredTokenException)."
            " Sign in again, then run this again.",
            id="expired",
        ),
        pytest.param(
            client_error("UnrecognizedClientException", "The security token included in the request is invalid."),
            "Can't do it: AWS doesn't accept the credentials (UnrecognizedClientException: The security token included"
            " in the request is invalid). Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and this"
            " machine's clock.",
            id="unknown key",
        ),
        pytest.param(
            exceptions.NoCredentialsError(),
            "Can't do it: no AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or run on a machine with a role.",
            id="no credentials",
        ),
        pytest.param(
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            'Can\'t do it: no answer from AWS (Could not connect to the endpoint URL: "http://127.0.0.1:1").'
            " Check region, endpoint_url and the network.",
            id="no answer",
        ),
        pytest.param(
            client_error("ThrottlingException", "Rate exceeded"),
            "Can't do it: AWS kept throttling the call through all retries (ThrottlingException). Run it again later,"
            " or with fewer runs at once.",
            id="throttled",
        ),
        pytest.param(
            client_error("ClusterNotFoundException", "Cluster not found."),
            "Can't do it: there is no such cluster in this account and region. Create it first, or set cluster.",
            id="no cluster",
        ),
        pytest.param(
            client_error("InvalidParameterException", "The container {x} does not exist in the task definition."),
            "Can't do it: The container {x} does not exist in the task definition (InvalidParameterException).",
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
    "this identity may not ecs:UpdateService": (
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
    assert errors.explain(client_error(code, "x"), "do it").startswith(f"Can't do it: {sentence}")


def test_a_refusal_is_known_by_its_words_too():
    error = client_error("Client.Weird", f"User: {USER} is not authorized to perform: ecs:TagResource on resource: *")
    assert errors.explain(error, "do it").startswith(f"Can't do it: {USER} may not ecs:TagResource on *.")


def test_a_refusal_without_words_names_the_action_of_its_service():
    sentence = errors.explain(client_error("AccessDenied", "no", "GetRole"), "do it", "iam")
    assert sentence.startswith("Can't do it: this identity may not iam:GetRole on *.")


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

    def fail_json(self, **result):
        self.result = result


def test_a_module_fails_with_the_code_and_the_text():
    module, cause = Module(), client_error("ServerException", "Try later")
    errors.fail(module, errors.AWSError("Can't do it: Try later.", cause))
    assert module.result["msg"] == "Can't do it: Try later."
    assert module.result["error"] == {"code": "ServerException", "message": "Try later"}
    assert "ClientError" in module.result["exception"]


def test_a_module_that_refuses_says_just_why():
    module = Module()
    errors.fail(module, errors.RefusedError("No."))
    assert module.result == {"msg": "No."}


def test_an_explicit_deny_is_not_answered_with_an_allow():
    error = client_error(
        "AccessDeniedException",
        f"User: {USER} is not authorized to perform: ecs:UpdateService on resource: {CLUSTER}"
        " with an explicit deny in a service control policy",
    )
    sentence = errors.explain(error, "do it")
    assert "service control policy" in sentence
    assert "Effect" not in sentence


def test_explained_says_what_was_done_and_keeps_the_cause():
    cause = client_error("ServerException", "Try later")

    @errors.explained("update the service {service}")
    def update(*, service):
        raise cause

    with pytest.raises(
        errors.AWSError, match=r"^Can't update the service lotto: Try later \(ServerException\)\.$"
    ) as got:
        update(service="lotto")
    assert (got.value.cause, got.value.code) == (cause, "ServerException")
    assert got.value.__cause__ is cause


def test_explained_takes_errors_without_an_answer_too():
    @errors.explained("do {what}", "iam")
    def broken(*, what):
        raise exceptions.NoCredentialsError

    with pytest.raises(errors.AWSError, match=r"^Can't do it: no AWS credentials were found"):
        broken(what="it")


def test_explained_returns_what_the_function_does():
    @errors.explained("x")
    def add(one, *, other):
        return one + other

    assert add(1, other=2) == 3
    assert add.__name__ == "add"


def test_explained_lets_other_errors_be():
    @errors.explained("x")
    def broken():
        raise KeyError("y")

    with pytest.raises(KeyError):
        broken()
