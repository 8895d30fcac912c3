# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A misbehaving AWS does no harm.  This is a sample; ``python -m tests.campaigns.faults`` tries all faults."""

from __future__ import annotations

from pathlib import Path

from tests.campaigns.faults import endure
from tests.campaigns.kill_resume import Reference
from tests.support.no_containers import Bare, bare_cloud


def test_all_ends_well_through_every_fault_at_once(tmp_path: Path) -> None:
    with bare_cloud(tmp_path / "aws") as cloud:
        reference = Reference.of(Bare.fresh(cloud, tmp_path / "reference"), tmp_path)
        ended = endure(cloud, tmp_path, reference, "sample")
    assert ended.flaws == []
    # a twentieth of some 300 requests and more: the proxy was used and working
    assert ended.faulted >= 20, ended
