# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection options of amazon.aws modules, for actions that run a module."""

from __future__ import annotations

import typing as t

# A copy of those in amazon.aws.plugins.module_utils.modules, which imports boto3; a test compares them.
SPEC: dict[str, dict[str, t.Any]] = {
    "access_key": {"type": "str", "aliases": ["aws_access_key_id", "aws_access_key"], "no_log": False},
    "aws_ca_bundle": {"type": "path"},
    "aws_config": {"type": "dict"},
    "debug_botocore_endpoint_logs": {"type": "bool"},
    "endpoint_url": {"type": "str", "aliases": ["aws_endpoint_url"]},
    "profile": {"type": "str", "aliases": ["aws_profile"]},
    "region": {"type": "str", "aliases": ["aws_region"]},
    "secret_key": {"type": "str", "aliases": ["aws_secret_access_key", "aws_secret_key"], "no_log": True},
    "session_token": {"type": "str", "aliases": ["aws_session_token"], "no_log": True},
    "validate_certs": {"type": "bool"},
}


def given(args: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the connection options among an action's validated arguments, without those that are not set."""
    return {name: args[name] for name in SPEC if args.get(name) is not None}
