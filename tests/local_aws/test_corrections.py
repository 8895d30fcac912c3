# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Each correction is as AWS, and is still needed: plain MiniStack shows something else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import MINISTACK_VERSION
from local_aws.corrections import CORRECTIONS
from tests.local_aws.cloud import Account
from tests.local_aws.probes import PROBES, Probe
from tests.support import answers

# What Docker gives a task is tested in test_containers.py and test_task_role.py, for MiniStack in test_tasks.py.
BY_CONTAINERS = {"ecs.give_tasks_their_role", "ecs.run_containers"}


def test_every_correction_is_probed() -> None:
    assert {p.correction for p in PROBES} | BY_CONTAINERS == {c.name for c in CORRECTIONS}


# These probe more than the API: a registry and a load balancer have their own port.
DIRECTLY = ("data_plane", "serve_repositories_here")


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p.name)
def test_ours_is_as_aws(probe: Probe, request: pytest.FixtureRequest) -> None:
    """Each answer on the way also has only the members of its operation's model, with their types."""
    port = request.getfixturevalue("ours_auth" if probe.auth else "ours")
    if probe.correction.endswith(DIRECTLY):
        assert probe.look(Account(port)) == probe.aws
        return
    with answers.recorder(f"http://127.0.0.1:{port}") as asked:
        assert probe.look(Account(asked.server_port)) == probe.aws
    assert {str(one) for each in asked.exchanges for one in answers.differences(each)} - answers.RIGHT == set()


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p.name)
def test_ministack_still_differs(probe: Probe, request: pytest.FixtureRequest) -> None:
    port = request.getfixturevalue("plain_auth" if probe.auth else "plain")
    found: Any
    try:
        found = probe.look(Account(port))
    except (ClientError, LookupError, AssertionError) as error:
        # An operation that MiniStack lacks is also a difference.
        found = repr(error)
    assert found != probe.aws, f"MiniStack {MINISTACK_VERSION} now does as AWS: remove {probe.correction}"
