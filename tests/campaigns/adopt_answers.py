# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record the reads of adopt.yml: services and jobs of C(ten_ways) and C(refused_ways), in accounts of the local AWS.

``PYTHONPATH=playbooks/collections python -m tests.campaigns.adopt_answers [SERVICE…]`` writes
tests/unit/fixtures/adopt/*.json.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from pathlib import Path

from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.read import Query
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.take import take

from ..support.account import Account
from ..support.ground import CLUSTER, Ground
from ..support.no_containers import bare_cloud
from ..support.recorded import ACCOUNT, FIXTURES, INPUTS, Answers, Recorder
from ..support.refused_ways import REFUSED
from ..support.ten_ways import JOBS, SERVICES

MAKERS = {**SERVICES, **JOBS, **{name: make for name, (make, _why) in REFUSED.items()}}


def recorded(account: Account, name: str) -> Answers:
    """Create a service in an account, and return the answers by which it is taken over or refused."""
    ground = Ground.made(account.client)
    MAKERS[name](ground)
    ground.settled()
    answers: Answers = {}
    clients = functools.cache(lambda service: Recorder(service, account.client(service), answers))
    take(clients, Query(CLUSTER, [name]), INPUTS)
    return answers


def main() -> None:
    """Record every service, or the given ones."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, bare_cloud(Path(folder)) as cloud:
        for name in sys.argv[1:] or MAKERS:
            account = Account.fresh(cloud.endpoint, None)
            text = json.dumps(recorded(account, name), indent=1, sort_keys=True, default=str)
            (FIXTURES / f"{name}.json").write_text(f"{text.replace(account.key, ACCOUNT)}\n", encoding="utf-8")
            print(f"{name}: {len(text)} characters")


if __name__ == "__main__":
    main()
