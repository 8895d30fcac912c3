# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients, clock and exit of the Cloud Map modules."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from ..._aws.errors import failing
from .namespace import Cloud

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Values = dict[str, t.Any]


def run(module: AnsibleAWSModule, doing: str, ensure: t.Callable[[Cloud, Values, bool], Values]) -> None:
    """Exit the module with the result of I(ensure), or fail with the reason why I(doing) failed."""
    cloud = Cloud(
        client=module.client("servicediscovery"),
        route53=lambda: module.client("route53"),
        clock=time.monotonic,
        sleep=time.sleep,
        boto3_tags=ansible_dict_to_boto3_tag_list,
    )
    with failing(module, doing):
        module.exit_json(**ensure(cloud, module.params, module.check_mode))
