# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of M(magiclub.fargate.platform_lock), which its action plugin checks if it runs no module."""

from __future__ import annotations

import typing as t

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "name_prefix": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "max_age": {"type": "int", "default": 3600},
    "wait_timeout": {"type": "int", "default": 120},
    "force": {"type": "bool", "default": False},
    "holder": {"type": "dict"},
}
