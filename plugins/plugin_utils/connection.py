# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options by which modules of amazon.aws connect, for an action that has a module read."""

from __future__ import annotations

import typing as t

# Those of amazon.aws.plugins.module_utils.modules, which imports boto3; a test compares.
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
    """Return those of an action's validated arguments that are given; the module has the defaults of the others."""
    return {name: args[name] for name in SPEC if args.get(name) is not None}
