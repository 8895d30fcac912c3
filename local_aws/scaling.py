# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Target tracking: metric math, and the number of tasks for a value. Plain data in and out."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Value = float | None
"""None for a metric without data."""

# Alarms use three values of a minute to scale out, and 15 values 10 per cent below the target to scale in:
# https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html.
OUT_AFTER, IN_AFTER, BELOW = 180.0, 900.0, 0.9

_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class MathError(Exception):
    """An expression that is not supported here; the text has the part."""


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """Return the value of a metric math expression; None if it needs a metric that has no data.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

    :raises MathError: for anything but numbers, metrics, + - * /, comparisons, FILL and IF.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise MathError(f"'{expression}' is no metric math") from error
    return _value(tree, values)


def _value(node: ast.AST, values: Mapping[str, Value]) -> Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.BinOp):
        return _pair(type(node.op), _value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _pair(type(node.ops[0]), _value(node.left, values), _value(node.comparators[0], values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node.func.id, [_value(one, values) for one in node.args])
    raise MathError(f"'{ast.unparse(node)}' is not understood by the local AWS")


def _pair(kind: type[ast.AST], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if kind is ast.Div:
        return left / right if right else None
    if kind not in _OPERATORS:
        raise MathError(f"{kind.__name__} is not understood by the local AWS")
    return float(_OPERATORS[kind](left, right))


def _call(name: str, given: list[Value]) -> Value:
    if name == "FILL" and len(given) == 2:
        return given[1] if given[0] is None else given[0]
    if name == "IF" and len(given) == 3:
        return None if given[0] is None else given[1] if given[0] else given[2]
    raise MathError(f"{name} with {len(given)} arguments is not understood by the local AWS")


@dataclass(frozen=True)
class Tracked:
    """The state of one policy: the value of its metric and its target."""

    value: Value
    target: float
    scales_in: bool = True

    def count_for(self, tasks: int) -> int | None:
        """Return the number of tasks that would bring the metric to its target; None for no change."""
        if self.value is None:
            return None
        # without tasks, the metric is that of the first task
        needed = math.ceil(max(tasks, 1) * self.value / self.target)
        if self.value > self.target:
            return max(needed, tasks)
        return min(needed, tasks) if self.scales_in and self.value < self.target * BELOW else None


def wanted(tasks: int, policies: Iterable[Tracked], low: int, high: int) -> int:
    """Return a service's number of tasks by its policies together: out if one scales out, in if all scale in."""
    asked = [policy.count_for(tasks) for policy in policies]
    known = [one for one in asked if one is not None]
    more = max(known, default=tasks)
    fewer = len(known) == len(asked)
    return min(max(more if more > tasks or fewer else tasks, low), high)


def _since(before: float | None, now: float) -> float:
    return now if before is None else before


@dataclass
class Memory:
    """When a service began to need another number of tasks, and when it was last scaled; in seconds of one clock."""

    out_since: float | None = None
    in_since: float | None = None
    scaled_at: float = -math.inf

    def due(self, tasks: int, needed: int, now: float, scale: float, cooldown_out: float, cooldown_in: float) -> bool:
        """Return whether it is time to scale; ``scale`` is the factor on AWS's own waiting."""
        self.out_since = _since(self.out_since, now) if needed > tasks else None
        self.in_since = _since(self.in_since, now) if needed < tasks else None
        since, after, cooldown = (
            (self.out_since, OUT_AFTER, cooldown_out) if needed > tasks else (self.in_since, IN_AFTER, cooldown_in)
        )
        if since is None or now - since < after * scale or now - self.scaled_at < cooldown * scale:
            return False
        self.out_since = self.in_since = None
        self.scaled_at = now
        return True
