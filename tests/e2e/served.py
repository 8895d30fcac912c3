# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take over running services, which keep answering meanwhile."""

from __future__ import annotations

import collections
import shutil
import threading
import typing as t
from pathlib import Path

from tests.support.account import REGION
from tests.support.ansible_run import Run
from tests.support.cloud import ROOT
from tests.support.no_containers import Bare

from .conftest import Clients, Platform

OF_TAGS = {"tags", "enable_ecs_managed_tags", "propagate_tags"}


def adopt(bare: Bare, cluster: str, folder: Path) -> Run:
    """Run adopt.yml for a whole cluster, which writes to the folder C(adopted)."""
    given = {
        "fargate_project": "magiclub",
        "fargate_region": REGION,
        "fargate_endpoint_url": bare.account.endpoint,
        "cluster": cluster,
        "target": str(folder / "adopted"),
    }
    return bare.run("playbooks/adopt.yml", extra_vars=given)


def write_inventory(folder: Path) -> None:
    """Copy the local inventory to the folder C(inventory), with the services and secrets of C(adopted)."""
    shutil.copytree(ROOT / "inventories" / "local", folder / "inventory")
    own = folder / "inventory/group_vars/all"
    shutil.copytree(folder / "adopted/group_vars/all/services", own / "services", dirs_exist_ok=True)
    for file in (folder / "adopted/group_vars/all").glob("se*s.yml"):
        shutil.copy(file, own)


class Served(Clients):
    """Send a request to each service twice a second; C(right) counts the correct answers, C(wrong) has the others.

    :param asked: by the name of a service, a path and its answer.
    """

    pause = 0.5

    def __init__(self, bare: Bare, asked: t.Mapping[str, tuple[str, str]]) -> None:
        super().__init__(Platform(bare.account, bare.run))
        self._threads = [threading.Thread(target=self._of, args=(name, *one)) for name, one in asked.items()]
        self.right: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []

    def _of(self, name: str, path: str, expected: str) -> None:
        while not self._stop.wait(self.pause):
            try:
                answer = self._platform.get(path)
            except OSError as error:
                self.wrong.append(f"{name}: {error!r}")
                continue
            if (answer.status, answer.body) == (200, expected):
                self.right[name] += 1
            else:
                self.wrong.append(f"{name}: {answer.status} {answer.body}")
