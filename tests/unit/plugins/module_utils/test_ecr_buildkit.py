# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds by the Docker CLI: what needs BuildKit, what the CLI is given, and what its lines tell."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import buildkit, content, image, log

SECRET = "hunter2-of-the-build"
FILES = [content.Entry("Dockerfile", content=b"FROM scratch\n")]
# stands in for the Docker CLI: keeps what it was given, answers by its script
CLI = """#!{python}
import json, os, pathlib, sys, time
folder = pathlib.Path({folder!r})
script = json.loads((folder / "script").read_text())
if "--help" in sys.argv:
    sys.exit(script["help"])
secrets = [part.partition("src=")[2] for part in sys.argv if part.startswith("id=")]
(folder / "given").write_text(json.dumps({{
    "arguments": sys.argv[1:],
    "environment": dict(os.environ),
    "secrets": [[pathlib.Path(one).read_text(), oct(os.stat(one).st_mode & 0o777)] for one in secrets],
}}))
(folder / "context").write_bytes(sys.stdin.buffer.read())
print("\\n".join(script["lines"]), file=sys.stderr, flush=True)
sys.exit(script["code"])
"""


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Put a stand-in for the Docker CLI on the PATH; return what scripts it, and what it was given."""
    path = tmp_path / "docker"
    path.write_text(CLI.format(python=sys.executable, folder=str(tmp_path)), encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_BUILDKIT", raising=False)

    def script(*lines: str, code: int = 0, has: bool = True) -> None:
        told = {"lines": lines, "code": code, "help": 0 if has else 1}
        (tmp_path / "script").write_text(json.dumps(told), encoding="utf-8")

    script()
    script.given = lambda: json.loads((tmp_path / "given").read_text(encoding="utf-8"))
    script.context = tmp_path / "context"
    return script


def build(host: str | None = None, **given) -> log.Log:
    asked = {
        "dockerfile": "Dockerfile",
        "buildargs": {"BASE": "a b"},
        "platform": "linux/arm64",
        "target": "final",
        "secrets": {"token": SECRET},
        **given,
    }
    return buildkit.BuildKit(host, 30).build(FILES, "r:t", **asked)


@pytest.mark.parametrize(
    ("dockerfile", "what"),
    [
        ("FROM x\nRUN --mount=type=cache,target=/c make", "RUN --mount=type=cache,target=/c make"),
        ("FROM x\nrun --network=none make", "run --network=none make"),
        ("FROM x\nRUN \\\n  # why\n  --mount=type=secret,id=t make", "RUN --mount=type=secret,id=t make"),
        ("FROM x\nCOPY --from=a --link /x /y", "COPY --from=a --link /x /y"),
        ("FROM x\nCOPY --chmod=755 x /x", "COPY --chmod=755 x /x"),
        ("FROM x\nADD --checksum=sha256:00 https://x /x", "ADD --checksum=sha256:00 https://x /x"),
        ("FROM x\nRUN <<EOF\nmake\nEOF", "RUN <<EOF"),
        ('COPY <<-"EOF" /x\ny\nEOF', 'COPY <<-"EOF" /x'),
        (f"RUN --mount=type=cache {'x' * 90}", f"RUN --mount=type=cache {'x' * 34}..."),
        ("# RUN --mount=type=cache x\nFROM x\nRUN echo --mount", ""),
        ("FROM --platform=linux/amd64 x\nCOPY --from=a --chown=1 /x /y\nRUN make", ""),
        ("# syntax=docker/dockerfile:1\nFROM x", ""),
        ("RUN cat <file && echo 1 < 2", ""),
    ],
)
def test_what_needs_buildkit(dockerfile, what):
    assert buildkit.needed(dockerfile) == what


def test_the_cli_is_given_the_context_the_options_and_secrets_in_files_of_their_own(cli):
    build(host="tcp://build:2376")
    given = cli.given()
    arguments = given["arguments"]
    assert arguments[:3] == ["--host", "tcp://build:2376", "build"]
    assert arguments[-1] == "-"
    for one, other in (
        ("--tag", "r:t"),
        ("--file", "Dockerfile"),
        ("--platform", "linux/arm64"),
        ("--target", "final"),
        ("--build-arg", "BASE=a b"),
        ("--progress", "plain"),
    ):
        assert arguments[arguments.index(one) + 1] == other
    assert given["secrets"] == [[SECRET, "0o600"]]
    assert SECRET not in json.dumps([arguments, given["environment"]])
    [kept] = [part for part in arguments if part.startswith("id=token,src=")]
    assert not Path(kept.partition("src=")[2]).exists()
    with tarfile.open(cli.context) as archive:
        assert archive.getnames() == ["Dockerfile"]


def test_the_engine_s_own_builder_makes_an_image_without_attestations(cli, monkeypatch):
    monkeypatch.setenv("BUILDX_BUILDER", "another")
    build()
    environment = cli.given()["environment"]
    assert "BUILDX_BUILDER" not in environment
    assert (environment["DOCKER_BUILDKIT"], environment["BUILDX_NO_DEFAULT_ATTESTATIONS"]) == ("1", "1")
    assert "--host" not in cli.given()["arguments"]


# as Docker 20.10 and 28 print them
FAILED = (
    "#3 [internal] load metadata for docker.io/library/x:1",
    "#3 DONE 0.0s",
    "#4 [1/3] FROM docker.io/library/x:1",
    "#4 CACHED",
    "#5 [2/3] RUN make",
    "#5 0.311 one",
    "#5 0.312 ",
    "#5 0.412 two",
    '#5 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 3',
    "------",
    " > [2/3] RUN make:",
    "------",
    "Dockerfile:2",
    'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 3',
)
NO_BASE = (
    "#2 [internal] load metadata for nowhere.example/x:1",
    '#2 ERROR: failed to do request: Head "https://nowhere.example/v2/x": dial tcp: no such host',
    "failed to solve with frontend dockerfile.v0: failed to do request",
)
UNKNOWN = (
    "#1 [internal] load build definition",
    "#1 DONE 0.1s",
    "failed to solve: dockerfile parse error line 2: unknown instruction: RUMM",
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            FAILED,
            [
                "The image build failed in step 'RUN make': process \"/bin/sh -c make\" did not complete successfully:"
                " exit code: 3",
                "  one",
                "  two",
                "Fix the step and run again: the steps before it are cached.",
            ],
        ),
        (
            NO_BASE,
            [
                "The image build failed in step 'FROM nowhere.example/x:1': failed to do request: Head"
                ' "https://nowhere.example/v2/x": dial tcp: no such host',
                "The base image is not on the engine and can't be pulled. Check its name and the engine's access to the"
                " registry. If the Dockerfile takes it from an ARG, name another one in build_args of build (or"
                " ecr_push_build), such as build_args: {BASE: REGISTRY/NAME:TAG}.",
            ],
        ),
        (
            UNKNOWN,
            [
                "The image build failed before its first step: dockerfile parse error line 2: unknown instruction:"
                " RUMM",
                "Fix the step and run again: the steps before it are cached.",
            ],
        ),
        (
            ("Cannot connect to the Docker daemon",),
            [
                "The image build failed before its first step: exit status 7",
                "  Cannot connect to the Docker daemon",
                "Fix the step and run again: the steps before it are cached.",
            ],
        ),
    ],
    ids=["step", "base", "Dockerfile", "else"],
)
def test_a_failed_build_names_its_step_and_the_step_s_last_lines(cli, lines, expected):
    cli(*lines, code=7)
    with pytest.raises(log.EngineError) as failed:
        build()
    assert str(failed.value).splitlines() == expected


def test_a_build_that_goes_well_has_no_error(cli):
    cli("#5 [2/3] RUN make", "#5 0.3 one", "#5 DONE 0.4s")
    assert (build().step, build().lines, build().error) == ("RUN make", ["one"], "")


NEEDS = "FROM x\nRUN --mount=type=cache,target=/c make"


@pytest.mark.parametrize(
    ("dockerfile", "secrets", "has", "begins"),
    [
        (NEEDS, {}, True, ""),
        ("FROM x", {}, False, ""),
        (NEEDS, {}, False, "The Dockerfile has 'RUN --mount=type=cache,target=/c make', which needs BuildKit, and the"),
        ("FROM x", {"a": "b"}, False, "The build has secrets, which needs BuildKit, and the Docker CLI here, "),
    ],
)
def test_what_is_missing_is_told_where_it_is_needed(cli, dockerfile, secrets, has, begins):
    cli(has=has)
    told = buildkit.obstacle(dockerfile, secrets)
    assert told.startswith(begins) if begins else told == ""
    assert not begins or buildkit.HOW_TO_GET_IT in told


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"PATH": "/nowhere"}, "there is no Docker CLI on the PATH"),
        ({"DOCKER_BUILDKIT": "0"}, "DOCKER_BUILDKIT=0 asks for the classic builder"),
    ],
)
def test_why_there_is_no_buildkit(environment, why):
    assert buildkit.lacking(environment) == why


def test_an_id_that_the_cli_does_not_take_is_refused():
    assert buildkit.secret_problems(["npm-token", "a,src=/etc/shadow"]) == [
        "build secret 'a,src=/etc/shadow' is not a valid id: letters, digits, and _ . -. Rename it, in the Dockerfile"
        " too."
    ]


def test_the_dockerfile_may_be_an_extra_file(tmp_path):
    given = {"path": str(tmp_path), "dockerfile": "Dockerfile", "extra_files": []}
    (tmp_path / "Dockerfile").write_text("FROM a", encoding="utf-8")
    (tmp_path / "other").write_text("FROM b", encoding="utf-8")
    extra = {"path": "Dockerfile", "src": None, "content": None}
    assert image._dockerfile(given) == "FROM a"
    assert image._dockerfile({**given, "extra_files": [{**extra, "src": str(tmp_path / "other")}]}) == "FROM b"
    assert image._dockerfile({**given, "extra_files": [{**extra, "content": "FROM c"}]}) == "FROM c"


def test_an_image_for_several_platforms_needs_buildkit(cli):
    cli(has=False)
    told = buildkit.obstacle("FROM x", {}, several=True)
    assert told.startswith("The build is for several platforms, which needs BuildKit, and the Docker CLI here, ")
    cli(has=True)
    assert buildkit.obstacle("FROM x", {}, several=True) == ""
