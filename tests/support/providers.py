# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Login providers, in the words of the options and in AWS's."""

from __future__ import annotations

import typing as t

OIDC = {
    "issuer": "https://login.example",
    "authorization_endpoint": "https://login.example/authorize",
    "token_endpoint": "https://login.example/token",
    "user_info_endpoint": "https://login.example/me",
    "client_id": "office",
}
COGNITO = {
    "user_pool_arn": "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_a1B2c3D4e",
    "user_pool_client_id": "1example23456789",
    "user_pool_domain": "magiclub",
}


def sent(given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return options as the members of a request: C(issuer) becomes C(Issuer)."""
    return {key.title().replace("_", ""): value for key, value in given.items()}
