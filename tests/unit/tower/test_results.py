# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a playbook hands on to AWX if it refuses what it was asked, before it asks AWS anything."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact

pytestmark = pytest.mark.program

ROOT = pathlib.Path(__file__).parents[3]
# nobody answers there, so a call would be another failure
NOWHERE = "http://127.0.0.1:9"


def handed_on(playbook, given):
    command = ["ansible-playbook", f"playbooks/{playbook}.yml", "-i", "inventories/local", "-e", given]
    callback = {"ANSIBLE_STDOUT_CALLBACK": "json", "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    environment = {**os.environ, **callback, "MAGICLUB_ENDPOINT": NOWHERE}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    return json.loads(done.stdout)["global_custom_stats"]["fargate_result"]


@pytest.mark.parametrize(
    ("playbook", "given", "cause"),
    [
        ("site", "plan_must_be_empty=true", "plan_must_be_empty is for a plan"),
        ("destroy", "cnfirm=magiclub-an2p", "cnfirm is not an option of this playbook"),
        ("continue", "decision=maybe", "decision 'maybe' is not one of continue, rollback"),
        ("rollback", "revision=x", "revision 'x' is not a revision"),
        ("status", "service=X", "service 'X' is not a valid name of a service"),
    ],
)
def test_a_refusal_is_handed_on_in_the_shape_of_every_result(playbook, given, cause):
    found = handed_on(playbook, given)
    assert set(found) == set(artifact.succeeded("steady", {}))
    assert (found["failed"], found["category"]) == (True, "refused")
    assert found["cause"].startswith(cause)
