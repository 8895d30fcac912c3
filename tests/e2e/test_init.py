# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""site.yml plans the inventories of init.yml in an empty account."""

from __future__ import annotations

from pathlib import Path

from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.cloud import ROOT
from tests.support.no_containers import bare_cloud

SOURCE = ROOT / "tests" / "unit" / "fixtures" / "init" / "mailer"
LOCK = {"PutParameter", "DeleteParameter"}


def test_a_written_inventory_is_planned(tmp_path: Path) -> None:
    target = tmp_path / "inventory"
    with bare_cloud(tmp_path / "aws") as cloud:
        account = Account.fresh(cloud.endpoint, cloud.calls_path)
        run = Runner(account.environment, tmp_path)
        given = {"fargate_project": "mail", "fargate_region": "ap-northeast-2", "fargate_endpoint_url": cloud.endpoint}

        written = run("playbooks/init.yml", extra_vars={**given, "source": str(SOURCE), "target": str(target)})
        assert written.failed == 0, written.text

        zones = (target / "group_vars" / "all" / "vpc.yml").read_text(encoding="utf-8")
        assert zones.count("  - apne2-az") == 2
        planned = run("playbooks/site.yml", env={"ANSIBLE_INVENTORY": str(target)}, check=True)
        assert planned.failed == 0, planned.text
        writes = {call["action"] for call in account.calls() if call["write"]} - LOCK

    assert writes == set()
    assert all(f"+ ecs_service mail-an2p-{name}" in planned.text for name in ("admin", "smtp", "api"))
