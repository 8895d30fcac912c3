# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Image builds with BuildKit through the Docker CLI: Docker's SDK for Python supports only the classic builder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
import typing as t
from pathlib import Path

from . import content
from .log import LAST_LINES, EngineError, Log, build_failure

Values = dict[str, t.Any]

CLI = "docker"
HOW_TO_GET_IT = (
    "Install a Docker CLI with the buildx component on the machine that builds (docker-buildx-plugin of Docker's"
    " packages, docker-buildx of Debian 13 and Ubuntu), or leave it out of the Dockerfile, or build the image elsewhere"
    " and give it by its digest."
)
# instructions that the classic builder does not support: https://docs.docker.com/reference/dockerfile/
_FLAGS = re.compile(
    r"^(?:RUN\s+(?:--\S+\s+)*--(?:mount|network|security)\b"
    r"|(?:COPY|ADD)\s+(?:--\S+\s+)*--(?:link|chmod|exclude|parents|checksum|keep-git-dir|unpack)\b"
    r"|(?:RUN|COPY|ADD)\s.*<<[-~]?[\"']?\w+)",
    re.IGNORECASE,
)
_CONTINUED = re.compile(r"\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*[ \t]*")
# a line of --progress=plain: the number of the step, then its name, its error, or seconds and output
_LINE = re.compile(
    r"^#(?P<step>\d+) (?:\[(?P<name>[^]]+)\] (?P<text>.*)|ERROR: (?P<error>.*)|\d+\.\d+ (?P<output>.*))$"
)
_SECRET_ID = re.compile(r"[A-Za-z0-9_.-]+")


def needed(dockerfile: str) -> str:
    """Return the first instruction that only BuildKit supports, shortened; empty if there is none."""
    for line in _CONTINUED.sub(" ", dockerfile).splitlines():
        found = " ".join(line.split())
        if _FLAGS.match(found):
            return found if len(found) <= 60 else f"{found[:57]}..."
    return ""


def lacking(environment: t.Mapping[str, str] | None = None) -> str:
    """Return why the Docker CLI here has no BuildKit, as a clause; empty if it has."""
    known = os.environ if environment is None else environment
    if known.get("DOCKER_BUILDKIT") == "0":
        return "DOCKER_BUILDKIT=0 asks for the classic builder"
    command = shutil.which(CLI, path=known.get("PATH"))
    if command is None:
        return "there is no Docker CLI on the PATH"
    result = subprocess.run(
        [command, "build", "--help"], env=_environment(known), capture_output=True, text=True, check=False
    )
    return "" if result.returncode == 0 else f"the Docker CLI here, {command}, has no buildx component"


def obstacle(
    dockerfile: str, secrets: t.Iterable[str], environment: t.Mapping[str, str] | None = None, *, several: bool = False
) -> str:
    """Return an error message with the next step if this build needs BuildKit, but there is none; else empty."""
    what = needed(dockerfile)
    if not what and not list(secrets) and not several:
        return ""
    why = lacking(environment)
    # the classic builder gives an image from scratch the engine's own architecture
    asks = "The build is for several platforms" if several else "The build has secrets"
    asks = f"The Dockerfile has '{what}'" if what else asks
    return f"{asks}, which needs BuildKit, and {why}. {HOW_TO_GET_IT}" if why else ""


def secret_problems(secrets: t.Iterable[str]) -> list[str]:
    """Return one message for each id of a build secret that the Docker CLI does not accept."""
    return [
        f"build secret '{one}' is not a valid id: letters, digits, and _ . -. Rename it, in the Dockerfile too."
        for one in secrets
        if not _SECRET_ID.fullmatch(one)
    ]


class BuildKit:
    """Builds images with the Docker CLI.

    :param host: address of the engine; None for the CLI's default.
    :param timeout: seconds without a line of output after which a build is killed.
    """

    def __init__(self, host: str | None, timeout: int) -> None:
        self._host, self._timeout = host, timeout

    def build(
        self,
        inputs: t.Iterable[content.Entry],
        reference: str,
        *,
        dockerfile: str,
        buildargs: t.Mapping[str, str],
        platform: str,
        target: str | None,
        secrets: t.Mapping[str, str],
    ) -> Log:
        """Build an image from the context I(inputs) and tag it I(reference); raises EngineError if that fails."""
        with tempfile.TemporaryFile() as archive, tempfile.TemporaryDirectory(prefix="build_secrets_") as folder:
            content.write_archive(inputs, archive)
            archive.seek(0)
            command = [
                CLI,
                *(["--host", self._host] if self._host else []),
                *("build", "--progress", "plain", "--tag", reference, "--file", dockerfile, "--platform", platform),
                *(["--target", target] if target else []),
                *(part for name, value in buildargs.items() for part in ("--build-arg", f"{name}={value}")),
                *_secret_options(secrets, Path(folder)),
                "-",
            ]
            log, code = self._run(command, archive)
        if code:
            log.error = log.error or f"exit status {code}"
            raise EngineError(build_failure(log))
        return log

    def _run(self, command: t.Sequence[str], archive: t.IO[bytes]) -> tuple[Log, int]:
        log, steps = Log(), dict[str, str]()
        with subprocess.Popen(
            command,
            stdin=archive,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(os.environ),
            text=True,
            errors="replace",
        ) as process:
            for line in _until_silent(process, self._timeout):
                feed(log, steps, line.rstrip("\n"))
        if process.returncode == -9 and not log.error:
            log.error = f"it wrote no output for {self._timeout} s"
        return log, process.returncode


def feed(log: Log, steps: dict[str, str], line: str) -> None:
    """Add a line of C(--progress=plain) to I(log); I(steps) collects the names of the steps by their numbers."""
    found = _LINE.match(line)
    if not found:
        if line.startswith(("failed to solve", "error: ", "ERROR: ")) and not log.error:
            log.error = line.partition(": ")[2]
        elif line.strip() and not steps:
            log.lines = [*log.lines, line][-LAST_LINES:]
        return
    number = found["step"]
    if found["name"] is not None:
        steps[number] = found["text"]
        if not found["name"].startswith("internal"):
            log.step, log.lines = found["text"], []
    elif found["error"] is not None:
        log.step = steps.get(number, log.step).replace("load metadata for", "FROM")
        log.error = found["error"]
    elif found["output"].strip():
        log.lines = [*log.lines, found["output"]][-LAST_LINES:]


def _until_silent(process: subprocess.Popen[str], seconds: int) -> t.Iterator[str]:
    """Yield each line of output, and kill a process that writes none for I(seconds)."""
    out = t.cast("t.TextIO", process.stdout)
    while True:
        watch = threading.Timer(seconds, process.kill)
        watch.start()
        try:
            line = out.readline()
        finally:
            watch.cancel()
        if not line:
            return
        yield line


def _environment(known: t.Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the CLI: the engine's own BuildKit (not BUILDX_BUILDER's), and no attestations.

    With attestations, an image would be an index with a manifest of an unknown platform.
    """
    kept = {name: value for name, value in known.items() if name != "BUILDX_BUILDER"}
    return {**kept, "DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def _secret_options(secrets: t.Mapping[str, str], folder: Path) -> t.Iterator[str]:
    """Yield the CLI options of secrets; values are in files, as every user of a machine sees its command lines."""
    for number, (name, value) in enumerate(secrets.items()):
        path = folder / str(number)
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")
        yield from ("--secret", f"id={name},src={path}")
