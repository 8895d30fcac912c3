# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names, tags and connection from the collection-wide variables."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import denied, printable
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import names
from ansible_collections.magiclub.fargate.plugins.plugin_utils import advice, run, told


def name_prefix(project: str, region: str, environment: str) -> str:
    """Return the prefix of every name."""
    try:
        return names.name_prefix(project, region, environment)
    except ValueError as error:
        raise AnsibleFilterError(f"No name prefix: {error}") from error


def aws_environment(
    region: str, endpoint_url: str | None = None, starts: t.Sequence[str] | None = None
) -> dict[str, str]:
    """Return the environment with region and endpoint, which also marks the processes of this run.

    As all tasks that call AWS use it, it also makes a worker end with its run, and refuses a C(--start-at-task) that is
    not in I(starts).
    """
    if starts is not None and (refused := run.left_out(starts)):
        raise AnsibleFilterError(refused)
    run.end_with_the_run()
    return {**names.aws_environment(region, endpoint_url, os.environ), process.VARIABLE: run.mark()}


def failure_reason(result: t.Mapping[str, t.Any]) -> str:
    """Return why a task failed; in an AWX job, with advice in AWX's terms."""
    return advice.adapted(told.ours(denied.failure_reason(result)))


def failed_result(result: t.Mapping[str, t.Any], *more: t.Any) -> artifact.Result:
    """Return the artifact of a failed run, with advice in AWX's terms."""
    found = artifact.failed(result, *more)
    return {**found, **{name: advice.adapted(found[name]) for name in ("cause", "next_step")}}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "name_prefix": name_prefix,
                "tags": names.tags,
                "aws_environment": aws_environment,
                "failure_reason": failure_reason,
                "failed_result": failed_result,
                "result_after": artifact.after,
                "printable": printable.message,
            }
        )
