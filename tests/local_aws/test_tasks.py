# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""MiniStack's own tasks: why ``ecs.run_containers`` and ``ecs.give_tasks_their_role`` are needed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.utils import ContainerMetadataFetcher

from local_aws import MINISTACK_VERSION
from local_aws.corrections._patch import service
from local_aws.corrections.ecs_tasks import container_options

DEFINITION: dict[str, Any] = {"family": "f", "revision": 1, "cpu": "256", "memory": "512"}
CONTAINER: dict[str, Any] = {
    "name": "a",
    "image": "b",
    "user": "10001",
    "readonlyRootFilesystem": True,
    "entryPoint": ["/app"],
}
WANTED = ("mem_limit", "nano_cpus", "user", "read_only", "entrypoint", "healthcheck")


def test_ministack_still_leaves_out_what_a_task_definition_asks() -> None:
    ecs = service("ecs")
    given = ecs._build_run_kwargs(CONTAINER, DEFINITION, {}, {}, "bridge", False, "t", "arn", None, "cluster")
    kept = [name for name in WANTED if name in given]
    assert not kept, f"MiniStack {MINISTACK_VERSION} now passes {kept} on: look at ecs.run_containers"
    assert set(WANTED) <= set(container_options(DEFINITION, CONTAINER, "t"))


def test_ministack_still_gives_an_endpoint_for_credentials_that_sdks_refuse() -> None:
    environment: dict[str, str] = {}
    service("ecs")._register_metadata("arn", "cluster", DEFINITION, CONTAINER, "FARGATE", environment, False, None)
    given = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    with pytest.raises(ValueError, match="Unsupported host"):
        ContainerMetadataFetcher().retrieve_full_uri(given)
