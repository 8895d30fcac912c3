# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform is handed to Terraform: a plan of what export.yml writes imports all of it, and changes nothing.

It needs terraform on the PATH and its provider for AWS by the user's settings, as a mirror in a .terraformrc. Its
containers don't run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.support.no_containers import Bare, bare_cloud

PROVIDER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

provider "aws" {
  skip_requesting_account_id = true
}
"""
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::magiclub-in/*"}],
}
SERVICES = [
    {
        "name": "web",
        "image": "public.ecr.aws/nginx/nginx:1.29",
        "port": 80,
        "rules": [{"paths": ["/web/*"], "priority": 5}, {"paths": ["/admin/*"], "port": 81, "priority": 6}],
        "autoscaling": {"min": 1, "max": 3, "cpu": 60},
        "task_policies": {"read": READ},
    },
    {"name": "worker", "image": "public.ecr.aws/nginx/nginx:1.29", "subnets": "public"},
]


class Terraform(t.NamedTuple):
    """Terraform in a folder of its own."""

    folder: Path
    environment: t.Mapping[str, str]

    def __call__(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", command, "-input=false", "-no-color", *arguments],
            cwd=self.folder,
            env={**self.environment, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Terraform has its provider."""
    if not shutil.which("terraform"):
        pytest.skip("There is no terraform on the PATH.")
    folder = tmp_path_factory.mktemp("terraform")
    (folder / "provider.tf").write_text(PROVIDER, encoding="utf-8")
    done = Terraform(folder, os.environ)("init")
    if done.returncode:
        pytest.skip(f"terraform init has no provider for AWS: {done.stderr[-400:]}")
    return folder


def test_terraform_imports_all_of_it_and_changes_nothing(
    terraform: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("export")
    given: dict[str, t.Any] = {"fargate_lotto": False, "fargate_services": SERVICES}
    with bare_cloud(folder / "aws") as cloud:
        bare = Bare.fresh(cloud, folder / "run")
        made = bare.site(**given)
        assert made.failed == 0, made.text
        run_terraform = Terraform(terraform, {**os.environ, **bare.account.environment})

        def export(**more: str) -> str:
            run = bare.run("playbooks/export.yml", **bare.options(**{**given, **more}))
            assert run.failed == 0, run.text
            return run.text

        told = export(terraform_file=str(terraform / "imports.tf"))
        blocks = (terraform / "imports.tf").read_text(encoding="utf-8").count("import {")
        assert f"{blocks} import blocks are in" in told
        # it may end with errors of the provider about what it generated itself
        run_terraform("plan", "-generate-config-out=generated.tf")
        export(generated=str(terraform / "generated.tf"))
        planned = run_terraform("plan")
        summary = re.search(r"Plan: .*", planned.stdout)
        assert summary, planned.stdout[-4000:] + planned.stderr[-4000:]
        assert summary[0] == f"Plan: {blocks} to import, 0 to add, 0 to change, 0 to destroy."
        assert blocks > 40
