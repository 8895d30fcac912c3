# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Charts of deployments: tasks, healthy targets and stages over time.  Plain data in, HTML out."""

from __future__ import annotations

import html
import typing as t

from ..._resources.ecs.outcomes import STEADY, WAITING

Data = t.Mapping[str, t.Any]

WIDE, HIGH, LEFT, TOP = 640, 130, 28, 8
ANSWERED = "waited for an answer"
LINES = (("desired", "tasks desired"), ("running", "tasks running"), ("healthy", "targets healthy"))


def deployments(waited: t.Sequence[Data]) -> str:
    """Return a chart and the stages of each wait.

    :param waited: C(name), C(outcome), C(seconds) and C(seen) of each wait, from M(magiclub.fargate.ecs_service_wait);
        a service may have two.
    """
    later = [{other["name"] for other in waited[number:]} for number in range(1, len(waited) + 1)]
    return "".join(_service(one, one["name"] in rest) for one, rest in zip(waited, later, strict=True))


def _service(one: Data, was_answered: bool) -> str:
    """Return one wait; a wait at a gate was answered if another one for the service follows."""
    seen = one.get("seen") or []
    outcome = ANSWERED if was_answered and one["outcome"] == WAITING else str(one["outcome"])
    tone = {STEADY: "well", ANSWERED: "well", WAITING: "doubt"}.get(outcome, "wrong")
    rows = "".join(
        f'<li><span class="at">{entry["seconds"]:.0f} s</span><span>{html.escape(str(entry["text"]))}</span></li>'
        for entry in seen
    )
    return (
        f'<h3>{html.escape(str(one["name"]))}: <span class="{tone}">{html.escape(outcome)}</span></h3>'
        f'{_chart(seen, float(one.get("seconds") or 0))}<ol class="seen">{rows}</ol>'
    )


def _chart(seen: t.Sequence[Data], seconds: float) -> str:
    if len(seen) < 2:
        return ""
    points = [
        (float(entry["seconds"]), {**entry, "healthy": (entry["targets"] or {}).get("healthy", 0)}) for entry in seen
    ]
    end = max(seconds, points[-1][0], 1.0)
    balanced = any(entry["targets"] for _at, entry in points)
    names = [name for name, _meaning in LINES if name != "healthy" or balanced]
    top = max(1, *(int(entry[name]) for _at, entry in points for name in names))

    def place(at: float, count: float) -> tuple[float, float]:
        return LEFT + (WIDE - LEFT) * at / end, TOP + (HIGH - TOP - 20) * (1 - count / top)

    paths = "".join(
        f'<path class="{name}" d="{_steps([(at, int(entry[name])) for at, entry in points], end, place)}"/>'
        for name in names
    )
    floor = place(0, 0)[1]
    key = "".join(f'<span class="k-{name}">{meaning}</span>' for name, meaning in LINES if name in names)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="Tasks and healthy targets over time">'
        f'<line x1="{LEFT}" y1="{floor}" x2="{WIDE}" y2="{floor}"/>'
        f'<line x1="{LEFT}" y1="{TOP}" x2="{WIDE}" y2="{TOP}"/>'
        f'<text x="0" y="{TOP + 8}">{top}</text><text x="0" y="{floor}">0</text>'
        f'<text x="{LEFT}" y="{HIGH - 4}">0 s</text>'
        f'<text x="{WIDE}" y="{HIGH - 4}" text-anchor="end">{end:.0f} s</text>{paths}</svg>'
        f'<p class="key faint">{key}</p>'
    )


def _steps(
    points: t.Sequence[tuple[float, int]], end: float, place: t.Callable[[float, float], tuple[float, float]]
) -> str:
    """Return a step line, which keeps each value until the next."""
    parts: list[str] = []
    for number, (at, count) in enumerate(points):
        across, down = place(at, count)
        parts.append(f"M{across:.1f} {down:.1f}" if not number else f"H{across:.1f} V{down:.1f}")
    return " ".join([*parts, f"H{place(end, 0)[0]:.1f}"])
