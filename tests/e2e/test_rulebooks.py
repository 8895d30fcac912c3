# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebooks of extensions/eda, run by ansible-rulebook: events in their documented form in, launches in AWX out."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact

from tests.support.cloud import ROOT, free_port
from tests.support.controller import Controller, Item, serving

RULEBOOKS = ROOT / "extensions" / "eda" / "rulebooks"
VENV = ROOT / "build" / "eda"
TOKEN = "planted-token"
SECONDS = 120
VARIABLES = {
    "magiclub_cluster": "magiclub-an2p-ecs",
    "magiclub_environment": "poc",
    "magiclub_drift_job": "magiclub poc drift",
    "magiclub_organization": "magiclub",
    "magiclub_webhook_token": TOKEN,
}
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
FAILED: Item = {
    "version": "0",
    "id": "ddca6449-b258-46c0-8653-e0e3aEXAMPLE",
    "detail-type": "ECS Deployment State Change",
    "source": "aws.ecs",
    "account": "111122223333",
    "time": "2020-05-23T12:31:14Z",
    "region": "us-west-2",
    "resources": ["arn:aws:ecs:us-west-2:111122223333:service/magiclub-an2p-ecs/magiclub-an2p-lotto"],
    "detail": {
        "eventType": "ERROR",
        "eventName": "SERVICE_DEPLOYMENT_FAILED",
        "deploymentId": "ecs-svc/123",
        "updatedAt": "2020-05-23T11:11:11Z",
        "reason": "ECS deployment circuit breaker: task failed to start.",
    },
}
# the body of tower/controller.yml's notification
DRIFT: Item = {
    "job": "magiclub poc drift",
    "status": "failed",
    "url": "https://awx.example/#/jobs/playbook/7",
    "result": artifact.failed({"msg": "The platform is not as described."}, category="drift"),
}


def other(event: Item, **changed: t.Any) -> Item:
    """Return an event with other values, with dotted names for nested ones."""
    result = copy.deepcopy(event)
    for name, value in changed.items():
        *path, last = name.split("__")
        place = result
        for key in path:
            place = place[key]
        place[last] = value
    return result


@pytest.fixture(scope="module")
def program() -> Path:
    """ansible-rulebook, in a separate environment."""
    if not shutil.which("java"):
        pytest.skip("ansible-rulebook needs Java 17, which is not on the PATH")
    found = VENV / "bin" / "ansible-rulebook"
    if not found.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [str(VENV / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", str(ROOT / "tests" / "eda-requirements.txt")], check=True)
    return found


class Listening(t.NamedTuple):
    """A running rulebook, and the AWX in which it launches."""

    controller: Controller
    port: int

    def send(self, event: Item, token: str = TOKEN) -> int:
        """Post an event as EventBridge or AWX would; return the status."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/",
            data=json.dumps(event).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture
def listen(program: Path, tmp_path: Path) -> t.Iterator[t.Callable[..., Listening]]:
    """Run a rulebook until the test ends; from a file of events if one is given, else by its webhook."""
    ended: list[t.Callable[[], t.Any]] = []

    def run(name: str, events: t.Sequence[Item] = ()) -> Listening:
        controller, port = at_first(), free_port()
        server = serving(controller)
        url = server.__enter__()
        ended.append(lambda: server.__exit__(None, None, None))
        variables = tmp_path / "vars.yml"
        variables.write_text(yaml.safe_dump({**VARIABLES, "magiclub_webhook_port": port}))
        rulebook = RULEBOOKS / f"{name}.yml"
        if events:
            rulebook = with_file(rulebook, events, tmp_path)
        inventory = tmp_path / "inventory.yml"
        inventory.write_text("all:\n  hosts:\n    localhost:\n")
        files = ["--rulebook", str(rulebook), "--vars", str(variables), "--inventory", str(inventory)]
        out = (tmp_path / "out").open("w")
        ended.append(out.close)
        process = subprocess.Popen(
            [str(program), *files, "--controller-url", url, "--controller-token", TOKEN],
            env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "EDA_JOB_TEMPLATE_REFRESH_DELAY": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        ended.append(lambda: stop(process))
        if not events:
            wait_for(port, process, tmp_path / "out")
        return Listening(controller, port)

    yield run
    for end in reversed(ended):
        end()


def at_first() -> Controller:
    """An AWX with the objects of tower.yml that the rulebooks launch."""
    controller = Controller()
    organization = controller.create("organizations", {"name": "magiclub"})["id"]
    fields = {"organization": organization, "ask_limit_on_launch": True}
    undo = controller.create("job_templates", {"name": "magiclub poc undo failed", **fields})
    surveys = yaml.safe_load((ROOT / "tower" / "surveys.yml").read_text(encoding="utf-8"))["tower_surveys"]
    controller.surveys[("job_templates", undo["id"])] = surveys["rollback"]
    controller.create("workflow_job_templates", {"name": "magiclub poc release", **fields})
    return controller


def with_file(rulebook: Path, events: t.Sequence[Item], folder: Path) -> Path:
    """Return a copy of a rulebook that reads its events from a file, one after the other."""
    book = yaml.safe_load(rulebook.read_text(encoding="utf-8"))
    (folder / "events.yml").write_text(yaml.safe_dump([{"payload": event} for event in events]))
    book[0]["sources"] = [{"name": "file", "eda.builtin.generic": {"payload_file": str(folder / "events.yml")}}]
    copied = folder / rulebook.name
    copied.write_text(yaml.safe_dump(book, sort_keys=False))
    return copied


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], out: Path) -> None:
    """Wait until something listens, or the process has ended."""
    for _attempt in range(SECONDS):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
        else:
            return
    pytest.fail(f"no webhook: {out.read_text()}")


def test_a_deployment_that_failed_is_undone(listen: t.Callable[..., Listening]) -> None:
    listening = listen("deployment_failed")
    assert listening.send(FAILED, token="wrong") == 401
    for event in (
        other(FAILED, detail__eventName="SERVICE_DEPLOYMENT_COMPLETED", detail__eventType="INFO"),
        other(FAILED, resources=["arn:aws:ecs:us-west-2:111122223333:service/of-others/web"]),
        FAILED,
    ):
        assert listening.send(event) == 200
    assert listening.controller.launched.acquire(timeout=SECONDS)
    [(name, body)] = listening.controller.launches
    assert (name, body["limit"]) == ("magiclub poc undo failed", "all")
    assert body["extra_vars"] == {"service": "lotto"}


def test_a_drift_opens_the_release_workflow(listen: t.Callable[..., Listening]) -> None:
    listening = listen("drift")
    for event in (other(DRIFT, result__category="denied"), other(DRIFT, job="magiclub prod drift"), DRIFT):
        assert listening.send(event) == 200
    assert listening.controller.launched.acquire(timeout=SECONDS)
    assert [name for name, _body in listening.controller.launches] == ["magiclub poc release"]


def test_events_of_a_file_launch_once_for_a_deployment(listen: t.Callable[..., Listening]) -> None:
    """EventBridge delivers an event at least once, so a second one for a deployment launches nothing."""
    later = other(FAILED, detail__deploymentId="ecs-svc/456")
    listening = listen("deployment_failed", [FAILED, FAILED, later])
    assert all(listening.controller.launched.acquire(timeout=SECONDS) for _launch in range(2))
    assert [name for name, _body in listening.controller.launches] == ["magiclub poc undo failed"] * 2
