# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names, tags and connection settings derived from the collection-wide variables."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from .._aws.region import FORM as REGION

# A run makes some 300 calls.  With botocore's default of 5 attempts, one run in ten fails if AWS throttles a fifth of
# them.  Standard mode retries more kinds of errors, and limits retries by a quota.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}


def name_prefix(project: str, region: str, environment: str) -> str:
    """Return the prefix of every name: C(magiclub), C(ap-northeast-2), C(PoC) give C(magiclub-an2p).

    The region contributes the first letter of each word and its number, the environment its first letter.
    Raises ValueError if a part is empty, or the region does not have the form C(ap-northeast-2).
    """
    if not re.fullmatch(REGION, region):
        raise ValueError(f"region '{region}' is not an AWS region: it has the form ap-northeast-2. Set fargate_region.")
    if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", project):
        raise ValueError(
            f"project '{project}' is not a prefix for names: lower-case letters, digits and inner hyphens,"
            " a letter first. Set fargate_project."
        )
    if not re.match(r"[A-Za-z]", environment):
        raise ValueError(f"environment '{environment}' has to begin with a letter. Set fargate_environment.")
    *words, number = region.split("-")
    return f"{project}-{''.join(word[0] for word in words)}{number}{environment[0].lower()}"


def vpc_name(prefix: str) -> str:
    """Return the name of a platform's network."""
    return f"{prefix}-vpc"


def alb_name(prefix: str) -> str:
    """Return the name of a platform's load balancer, with which the names of its security group and rules begin."""
    return f"{prefix}-pub-alb"


def cluster_name(prefix: str) -> str:
    """Return the default name of a platform's cluster."""
    return f"{prefix}-ecs"


def execution_role_name(prefix: str) -> str:
    """Return the name of the execution role of tasks without secrets."""
    return f"{cluster_name(prefix)}-execution"


def exec_policy_name(prefix: str) -> str:
    """Return the name of the policy that allows the operator to use ECS Exec."""
    return f"{cluster_name(prefix)}-exec"


def tags(project: str, environment: str, team: str, owner: str) -> dict[str, str]:
    """Return the tags of all resources."""
    return {
        "Project": project,
        "Environment": environment,
        "Team": team,
        "Owner": owner,
        "ManagedBy": "ansible",
    }


def aws_environment(
    region: str, endpoint_url: str | None = None, environment: t.Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment variables that give AWS modules their region, endpoint and retry settings.

    I(environment) is the current environment, whose retry settings and credentials stay.  If it has no credentials, a
    local AWS, which accepts any, gets those of its account 000000000000, never those of a real account from a file.
    """
    named = environment or {}
    retries = {name: value for name, value in RETRIES.items() if not named.get(name)}
    result = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, **retries}
    if not endpoint_url:
        return result
    # amazon.aws reads AWS_URL, botocore AWS_ENDPOINT_URL
    result |= {"AWS_URL": endpoint_url, "AWS_ENDPOINT_URL": endpoint_url}
    if _is_local(endpoint_url) and not named.get("AWS_ACCESS_KEY_ID") and not named.get("AWS_PROFILE"):
        result |= {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "unchecked-by-a-local-aws"}
    return result


def _is_local(endpoint_url: str) -> bool:
    host = urllib.parse.urlsplit(endpoint_url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
