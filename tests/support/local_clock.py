# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import urllib.request


def forward(endpoint: str, by: str) -> None:
    """Put the schedules' clock of a local AWS forward by a time such as 25h or 1d, and start what is due."""
    asked = urllib.request.Request(f"{endpoint}/_ministack/forward?by={by}", method="POST", data=b"")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10) as answer:
        assert answer.status == 200
