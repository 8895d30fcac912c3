# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is found that would make a deployment fail."""

from __future__ import annotations

Finding = dict[str, str]


def finding(what: str, value: str, rule: str, next_step: str) -> Finding:
    """Return what is wrong, its value, the rule that it breaks, and what to do."""
    return {"what": what, "value": value, "rule": rule, "next_step": next_step}
