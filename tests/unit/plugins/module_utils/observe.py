# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An observation for a table's row: what AWS answers and what is remembered, side by side."""

from __future__ import annotations

import typing as t
from dataclasses import fields

from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import (
    Memory,
    Observation,
)

REMEMBERED = {field.name for field in fields(Memory)}


def observe(service: t.Any, *, phase_seconds: float = 0, **values: t.Any) -> Observation:
    """Return the observation of I(service), its phase the same for I(phase_seconds) seconds."""
    remembered = {name: values.pop(name) for name in list(values) if name in REMEMBERED}
    memory = Memory(**remembered, phase_since=values.get("waited", 0) - phase_seconds)
    return Observation(service=service, memory=memory, **values)
