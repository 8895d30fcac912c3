# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The regions that the installed botocore knows, and their partitions, read from its data without importing it."""

from __future__ import annotations

import difflib
import functools
import importlib.util
import json
import pathlib
import re
import typing as t

FORM = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"
"""The form of a region's name, such as C(ap-northeast-2), C(us-gov-west-1) or C(eusc-de-east-1)."""

# Used if botocore is not installed beside Ansible; a test compares them with botocore's.
_PARTITIONS = [
    {"id": "aws-cn", "regionRegex": r"^cn-"},
    {"id": "aws-us-gov", "regionRegex": r"^us-gov-"},
    {"id": "aws-eusc", "regionRegex": r"^eusc-"},
    {"id": "aws-iso", "regionRegex": r"^us-iso-"},
    {"id": "aws-iso-b", "regionRegex": r"^us-isob-"},
    {"id": "aws-iso-e", "regionRegex": r"^eu-isoe-"},
    {"id": "aws-iso-f", "regionRegex": r"^us-isof-"},
]
DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "on.aws",
    "on.amazonwebservices.com.cn",
    "on.amazonwebservices.eu",
)
"""Domains of AWS's endpoints in all partitions: IPv4 and dual-stack (C(on.); C(api.) for APIs)."""


@functools.cache
def partitions() -> list[dict[str, t.Any]]:
    """Return the partitions of AWS, empty if botocore is not installed beside Ansible."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        return []
    # each process reads it again, in a fiftieth of the time that endpoints.json takes
    file = pathlib.Path(spec.submodule_search_locations[0], "data", "partitions.json")
    return t.cast("list[dict[str, t.Any]]", json.loads(file.read_text(encoding="utf-8"))["partitions"])


def known() -> frozenset[str]:
    """Return the names of all AWS regions, empty if botocore is not installed beside Ansible."""
    return frozenset(region for entry in partitions() for region in entry["regions"] if re.fullmatch(FORM, region))


def partition(region: str) -> str:
    """Return the partition of a region, the second part of its ARNs."""
    of_region = (entry for entry in partitions() or _PARTITIONS if re.match(entry["regionRegex"], region))
    return str(next(of_region, {"id": "aws"})["id"])


def problems(region: str) -> list[str]:
    """Return a message if I(region) is not an AWS region."""
    regions = known()
    if not regions or region in regions:
        return []
    near = difflib.get_close_matches(region, sorted(regions), n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return [f"AWS has no region '{region}' that this botocore knows.{hint} Set fargate_region, or upgrade boto3."]
