# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Observations for tables: AWS's answers and the memory of the wait in one call."""

from __future__ import annotations

import json
import typing as t
from dataclasses import fields
from pathlib import Path

from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import (
    Memory,
    Observation,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ecs"
NEW, OLD, BACK = "ecs-svc/7246342417563559064", "ecs-svc/4031517264187265103", "ecs-svc/3348108895209946212"
T0 = 1763784000.0
Payload = dict[str, t.Any]
REMEMBERED = {field.name for field in fields(Memory)}


def load(name: str) -> Payload:
    return t.cast("Payload", json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")))


TASKS, RECORDS, TARGETS = load("stopped_tasks"), load("service_deployments"), load("target_health")


def observe(service: t.Any, *, phase_seconds: float = 0, **values: t.Any) -> Observation:
    """Return an observation of I(service), whose phase has lasted I(phase_seconds)."""
    remembered = {name: values.pop(name) for name in list(values) if name in REMEMBERED}
    memory = Memory(**remembered, phase_since=values.get("waited", 0) - phase_seconds)
    return Observation(service=service, memory=memory, **values)
