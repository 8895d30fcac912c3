# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timeline of a first run as a picture: when each resource was started and ready, from the proxy's log."""

from __future__ import annotations

import html
import typing as t

WIDTH, LEFT, ROW, TOP = 900, 220, 22, 40
# Calls that start slow resources, and their delays.
SLOW = {
    "CreateNatGateway": ("NAT gateway", "nat"),
    "CreateLoadBalancer": ("load balancer", "alb"),
    "CreatePrivateDnsNamespace": ("namespace", "namespace"),
    "CreateService": ("ECS deployment", "ecs"),
}
WRITES = ("Create", "Put", "Register", "Modify", "Update", "Allocate", "Attach", "Associate", "Authorize")


class Bar(t.NamedTuple):
    """One resource: when it was created, and when it was ready, in seconds since the start."""

    label: str
    start: float
    end: float
    slow: bool


def bars(calls: t.Iterable[t.Mapping[str, t.Any]], began: float, delays: t.Mapping[str, float]) -> list[Bar]:
    """Return a bar for each write of the run, in the order of the calls."""
    result = []
    for call in calls:
        action, start = call["action"], call["t"] - began
        if action in SLOW:
            label, delay = SLOW[action]
            result.append(Bar(label, start, start + delays[delay], True))
        elif action.startswith(WRITES) and call["status"] < 400:
            result.append(Bar(f"{call['service']} {action}", start, start + 0.5, False))
    return result


def longest_chain(found: t.Sequence[Bar]) -> list[Bar]:
    """Return the slow bars that determine the end: the last to end, and before each the last that had ended."""
    chain: list[Bar] = []
    left = [bar for bar in found if bar.slow]
    while left:
        last = max(left, key=lambda bar: bar.end)
        chain.insert(0, last)
        left = [bar for bar in left if bar.end <= last.start]
    return chain


def svg(calls: t.Iterable[t.Mapping[str, t.Any]], began: float, seconds: float, delays: t.Mapping[str, float]) -> str:
    """Return the picture, with the longest chain highlighted."""
    found = bars(calls, began, delays)
    chain = longest_chain(found)
    scale = (WIDTH - LEFT - 20) / max(seconds, 1)
    height = TOP + ROW * len(found) + 30
    rows = [_row(index, bar, scale, bar in chain) for index, bar in enumerate(found)]
    names = " → ".join(f"{bar.label} {bar.end - bar.start:.0f} s" for bar in chain)
    ticks = [
        f'<text x="{LEFT + at * scale:.0f}" y="{height - 8}" class="tick">{at} s</text>'
        for at in range(0, int(seconds) + 1, 30)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<style>text{font:12px sans-serif;fill:#222}.tick{fill:#666;text-anchor:middle}rect{fill:#9ab}"
            "rect.slow{fill:#69c}rect.chain{fill:#d63}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
            f'<text x="10" y="22">First run: {seconds:.0f} s. Longest chain: {html.escape(names)}</text>',
            *rows,
            *ticks,
            "</svg>",
            "",
        ]
    )


def _row(index: int, bar: Bar, scale: float, in_chain: bool) -> str:
    y = TOP + index * ROW
    kind = "chain" if in_chain else "slow" if bar.slow else ""
    width = max((bar.end - bar.start) * scale, 2)
    return (
        f'<text x="10" y="{y + 13}">{html.escape(bar.label)}</text>'
        f'<rect class="{kind}" x="{LEFT + bar.start * scale:.1f}" y="{y + 3}" width="{width:.1f}" height="12"/>'
    )
