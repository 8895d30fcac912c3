# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Docker engine's output of a build or push, and error messages from it."""

from __future__ import annotations

import re
import typing as t

from ..._aws.refused import RefusedError

Values = dict[str, t.Any]

STEP = re.compile(r"^Step \d+/\d+ : ")
# the builder's colours (errors are red), and the beginnings of lines about the builder itself
COLOURS = re.compile(r"\x1b\[[\d;]*m")
OF_BUILDER = (" --->", "Removing intermediate container ")
LAST_LINES = 20


class EngineError(RefusedError):
    """The engine failed; the message has the reason and the next step."""


class Log:
    """The output of a build or push: the current step, its last lines, and the error."""

    def __init__(self, last_lines: int = LAST_LINES) -> None:
        self.step = ""
        self.lines: list[str] = []
        self.error = ""
        self.aux: Values = {}
        self._last_lines = last_lines

    def feed(self, message: Values) -> None:
        """Add a message of the engine's stream."""
        if message.get("error"):
            self.error = str((message.get("errorDetail") or {}).get("message") or message["error"]).strip()
        self.aux.update(message.get("aux") or {})
        for line in COLOURS.sub("", str(message.get("stream") or "")).splitlines():
            if STEP.match(line):
                self.step, self.lines = STEP.sub("", line).strip(), []
            elif line.strip() and not line.startswith(OF_BUILDER):
                self.lines = [*self.lines, line.rstrip()][-self._last_lines :]

    def follow(self, messages: t.Iterable[Values]) -> Log:
        """Add all messages and return the log itself."""
        for message in messages:
            self.feed(message)
        return self


def build_failure(log: Log) -> str:
    """Return the error message of a failed build: the step, its last lines, and the next step."""
    where = f"in step '{log.step}'" if log.step else "before its first step"
    output = "".join(f"\n  {line}" for line in log.lines)
    return f"The image build failed {where}: {log.error}{output}\n{_advice(log)}"


def push_failure(reference: str, log: Log) -> str:
    """Return the error message of a failed push with the next step."""
    if _unreachable(log.error):
        advice = "The engine does not reach the registry: check its network, proxy and the repository's URI."
    elif re.search(r"denied|unauthorized|no basic auth|not authorized", log.error):
        advice = (
            "Give the caller ecr:InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload, PutImage,"
            " BatchCheckLayerAvailability and BatchGetImage."
        )
    else:
        advice = "Run again: layers that have been pushed are not pushed again."
    return f"Pushing {reference} failed: {log.error}. {advice}"


def tag_taken(log: Log) -> bool:
    """Return whether a push failed because the immutable tag exists already."""
    return bool(re.search(r"immutable", log.error, re.IGNORECASE))


def _unreachable(text: str) -> bool:
    return bool(re.search(r"dial tcp|no such host|connection refused|timeout|i/o timeout|EOF", text))


def _advice(log: Log) -> str:
    if "exec format error" in log.error or any("exec format error" in line for line in log.lines):
        return (
            "The engine can't run programs of this platform. Build on a machine of that architecture,"
            " register emulators there (qemu-user-static), or set another platform."
        )
    if "BuildKit" in log.error:
        return (
            "The classic builder has no such instruction. Install a Docker CLI with the buildx component, or leave it"
            " out of the Dockerfile, or build the image elsewhere and give it by its digest."
        )
    if log.step.upper().startswith("FROM "):
        return (
            "The base image is not on the engine and can't be pulled."
            " Check its name and the engine's access to the registry. If the Dockerfile takes it from an ARG, name"
            " another one in build_args of build (or ecr_push_build), such as build_args: {BASE: REGISTRY/NAME:TAG}."
        )
    return "Fix the step and run again: the steps before it are cached."
