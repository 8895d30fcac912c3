# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A finding: something that would make a deployment fail."""

from __future__ import annotations

Finding = dict[str, str]


def finding(what: str, value: str, rule: str, next_step: str) -> Finding:
    """Return a finding with its subject, value, violated rule and next step."""
    return {"what": what, "value": value, "rule": rule, "next_step": next_step}
