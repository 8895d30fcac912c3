"""The image named by LOTTO_APP_IMAGE."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

IMAGE = os.environ.get("LOTTO_APP_IMAGE")
pytestmark = [
    pytest.mark.image,
    pytest.mark.skipif(not IMAGE, reason="LOTTO_APP_IMAGE names no image that is built"),
]


def docker(*command):
    return subprocess.run(["docker", *command], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def config():
    return json.loads(docker("image", "inspect", IMAGE))[0]["Config"]


@pytest.fixture(scope="module")
def container():
    """Run it as ECS does: read-only root file system, no capabilities, half a vCPU."""
    hardened = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    limits = ["--cpus=0.5", "--memory=256m", "--network=none"]
    name = docker("run", "--detach", *hardened, *limits, IMAGE).strip()
    yield name
    docker("rm", "--force", name)


def test_it_runs_as_a_numbered_user_and_says_what_it_is(config):
    assert config["User"] == "10001:10001"
    assert (config["Entrypoint"], config["Cmd"]) == (None, ["python3", "-m", "lotto_app"])
    assert set(config["ExposedPorts"]) == {"8080/tcp", "9090/tcp"}
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "python3"]
    assert {f"org.opencontainers.image.{key}" for key in ("source", "revision", "version")} <= set(
        config["Labels"]
    )


@pytest.mark.parametrize("tool", ["pip", "pip3", "gcc", "cc", "make"])
def test_it_holds_no_tool_to_build_with(container, tool):
    found = docker(
        "exec", container, "python3", "-c", f"import shutil; print(shutil.which('{tool}'))"
    )

    assert found == "None\n"


def test_it_holds_no_pip_to_import(container):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        docker("exec", container, "python3", "-c", "import pip")

    assert "ModuleNotFoundError: No module named 'pip'" in caught.value.stderr


def test_it_is_well(container):
    # The exit code is the result; run as the engine does, but without its interval.
    wait = (
        "from time import monotonic\n"
        "from lotto_app.healthcheck import check\n"
        "end = monotonic() + 30\n"
        "while (wrong := check(8080)) and monotonic() < end: pass\n"
        "assert not wrong, wrong"
    )
    docker("exec", container, "python3", "-c", wait)
    docker("exec", container, "python3", "-m", "lotto_app.healthcheck")


def test_all_logged_is_json_and_the_end_is_in_time(container):
    docker("stop", "--time=10", container)

    state = json.loads(docker("inspect", container))[0]["State"]
    assert state["ExitCode"] == 0
    for line in docker("logs", container).splitlines():
        assert {"time", "level", "message"} <= set(json.loads(line))
