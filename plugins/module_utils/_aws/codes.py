# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS error codes and botocore exception names, grouped by what they mean to the caller."""

from __future__ import annotations

DENIED = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
        "Forbidden",
        "403",
    )
)
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"))
UNKNOWN_KEY = frozenset(
    (
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    )
)
"""AWS doesn't accept the access key or the signature."""
THROTTLED = frozenset(
    (
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
SERVER_FAILED = frozenset(("InternalError", "InternalFailure", "ServerException", "ServiceUnavailable"))

NO_CREDENTIALS = frozenset(("NoCredentialsError", "PartialCredentialsError"))
NEVER_SENT = NO_CREDENTIALS | frozenset(
    (
        "CredentialRetrievalError",
        "InvalidRegionError",
        "LoginRefreshRequired",
        "NoRegionError",
        "ParamValidationError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "UnknownServiceError",
    )
)
"""The call never left this machine, and a retry would not either."""
NO_ANSWER = frozenset(("ConnectTimeoutError", "ConnectionClosedError", "EndpointConnectionError", "ReadTimeoutError"))
