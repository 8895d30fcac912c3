# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same platform with Terraform, as a peer, if terraform and its provider are installed: see terraform/main.tf."""

from __future__ import annotations

import os
import shutil
import subprocess
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent
BOUNDARY = HERE.parent / "docs" / "iam" / "boundary-policy.json"
OPTIONS = ("-input=false", "-no-color")


class Terraform:
    """Terraform in a separate account, and in a new folder with its state and provider."""

    def __init__(self, folder: Path, environment: t.Mapping[str, str], image: str) -> None:
        self._folder = shutil.copytree(HERE / "terraform", folder)
        given = {"TF_VAR_image": image, "TF_VAR_boundary": str(BOUNDARY), "CHECKPOINT_DISABLE": "1"}
        self._environment = {**environment, **given}

    def is_there(self) -> bool:
        """Return whether it can be used: the program, and its provider by the user's settings."""
        return bool(shutil.which("terraform")) and self._run("init").returncode == 0

    def apply(self) -> float:
        """Create the platform; return the processor seconds."""
        return self._measured("apply", "-auto-approve")

    def plan(self) -> float:
        """Plan without changes; return the processor seconds."""
        return self._measured("plan", "-detailed-exitcode")

    def destroy(self) -> float:
        """Remove it; return the processor seconds."""
        return self._measured("destroy", "-auto-approve")

    def _measured(self, *command: str) -> float:
        began = on_processor()
        done = self._run(*command)
        if done.returncode:
            raise SystemExit(f"terraform {command[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        return on_processor() - began

    def _run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", command, *OPTIONS, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


def on_processor() -> float:
    """Return the processor seconds of all ended children of this process."""
    times = os.times()
    return times.children_user + times.children_system
