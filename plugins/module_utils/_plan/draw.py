# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Draw a graph of L(graph) as SVG, or as a Mermaid flow chart.  Plain dicts in, text out."""

from __future__ import annotations

import html
import typing as t

from .render import SIGN

Graph = t.Mapping[str, t.Any]
Place = tuple[int, float]

WIDE, HIGH, GAP, BETWEEN, MARGIN = 232, 40, 12, 64, 24
"""Pixels: width and height of a box, gaps between the boxes of a column and between columns, and the margin."""
NAME_LENGTH = 30
"""Characters of a name that fit into a box."""
HUES = {"vpc": 210, "alb": 150, "ecs_cluster": 35, "ecr_push": 275, "lotto_service": 0, "services": 0, "prune": 330}
"""Hues of the layers, in degrees."""
STYLE = """
.graph { font: 13px system-ui, sans-serif; }
.graph .paper { fill: #ffffff; }
.graph .edge { fill: none; stroke: #8a94a0; stroke-width: 1.2; }
.graph .box { fill: hsl(var(--hue) 60% 95%); stroke: hsl(var(--hue) 45% 50%); }
.graph .remove .box { stroke-dasharray: 4 3; }
.graph .kind { font-size: 11px; fill: #57606a; }
.graph .name { fill: #1f2328; }
@media (prefers-color-scheme: dark) {
  .graph .paper { fill: #0d1117; }
  .graph .edge { stroke: #6e7781; }
  .graph .box { fill: hsl(var(--hue) 30% 18%); stroke: hsl(var(--hue) 40% 55%); }
  .graph .kind { fill: #9aa4af; }
  .graph .name { fill: #e6edf3; }
}
"""


def svg(graph: Graph) -> str:
    """Return the picture: resources without dependencies on the left, others to the right of their dependencies."""
    columns = _columns(graph)
    most = max(map(len, columns), default=0)
    places = {
        one: (column, row + (most - len(some)) / 2)
        for column, some in enumerate(columns)
        for row, one in enumerate(some)
    }
    high = 2 * MARGIN + most * (HIGH + GAP) - GAP
    wide = 2 * MARGIN + len(columns) * (WIDE + BETWEEN) - BETWEEN
    lines = [
        f'<svg class="graph" xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"'
        f' viewBox="0 0 {wide} {high}" role="img" aria-label="Dependencies">',
        f"<style>{STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        *(_curve(places[needed], places[one]) for one, needed in graph["edges"]),
        *(_box(node, places[node["id"]], hue(node["layer"])) for node in graph["nodes"]),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def hue(layer: str) -> int:
    """Return the hue of a layer, in degrees; grey-blue by default."""
    return HUES.get(layer, 220)


def mermaid(graph: Graph) -> str:
    """Return a Mermaid flow chart, which GitHub and GitLab render."""
    lines = ["flowchart LR"]
    for layer in dict.fromkeys(node["layer"] for node in graph["nodes"]):
        inside = [node for node in graph["nodes"] if node["layer"] == layer]
        lines += [f"  subgraph {layer}", *(f'    {node["id"]}["{_label(node)}"]' for node in inside), "  end"]
    return "\n".join([*lines, *(f"  {needed} --> {one}" for one, needed in graph["edges"])]) + "\n"


def _label(node: Graph) -> str:
    # Mermaid's entities begin with # instead of &
    name = html.escape(f"{node['type']} {node['name']}").replace("&", "#")
    return f"{SIGN.get(node['action'], '')} {name}".strip()


def _columns(graph: Graph) -> list[list[str]]:
    """Return the ids by column, each column sorted so that nodes are near their dependencies."""
    needs: dict[str, list[str]] = {node["id"]: [] for node in graph["nodes"]}
    for one, needed in graph["edges"]:
        needs[one].append(needed)
    ranks = _ranks(needs)
    columns: list[list[str]] = [[] for _column in range(max(ranks.values(), default=-1) + 1)]
    for one, rank in ranks.items():
        columns[rank].append(one)
    heights: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda one: _middle([heights[needed] for needed in needs[one] if needed in heights]))
        heights |= {one: row - len(column) / 2 for row, one in enumerate(column)}
    return columns


def _ranks(needs: t.Mapping[str, list[str]]) -> dict[str, int]:
    """Return the column of each node: right of its dependencies, and as near as possible to its dependents."""
    first: dict[str, int] = {}
    for one in needs:
        _first_rank(one, needs, first)
    ranks = dict(first)
    for one in sorted(first, key=first.__getitem__, reverse=True):
        nearest = min((ranks[other] - 1 for other in needs if one in needs[other]), default=first[one])
        ranks[one] = max(nearest, 0)
    return ranks


def _first_rank(one: str, needs: t.Mapping[str, list[str]], ranks: dict[str, int]) -> int:
    if one not in ranks:
        ranks[one] = 0  # ends the recursion of a cycle
        ranks[one] = max((_first_rank(needed, needs, ranks) + 1 for needed in needs[one]), default=0)
    return ranks[one]


def _middle(heights: t.Sequence[float]) -> float:
    return sum(heights) / len(heights) if heights else 0.0


def _corner(place: Place) -> tuple[int, int]:
    column, row = place
    return MARGIN + column * (WIDE + BETWEEN), MARGIN + round(row * (HIGH + GAP))


def _curve(start: Place, end: Place) -> str:
    (left, top), (right, bottom) = _corner(start), _corner(end)
    left, top, bottom = left + WIDE, top + HIGH // 2, bottom + HIGH // 2
    bend = BETWEEN // 2
    return f'<path class="edge" d="M{left} {top} C{left + bend} {top} {right - bend} {bottom} {right} {bottom}"/>'


def _box(node: Graph, place: Place, hue: int) -> str:
    left, top = _corner(place)
    name = node["name"] if len(node["name"]) <= NAME_LENGTH else f"{node['name'][: NAME_LENGTH - 1]}…"
    full = html.escape(f"{node['layer']}: {node['type']} {node['name']}")
    kind = html.escape(f"{SIGN.get(node['action'], '')} {node['type'].replace('_', ' ')}".strip())
    return (
        f'<g class="{node["action"]}" style="--hue: {hue}"><title>{full}</title>'
        f'<rect class="box" x="{left}" y="{top}" width="{WIDE}" height="{HIGH}" rx="6"/>'
        f'<text class="kind" x="{left + 10}" y="{top + 16}">{kind}</text>'
        f'<text class="name" x="{left + 10}" y="{top + 32}">{html.escape(name)}</text></g>'
    )
