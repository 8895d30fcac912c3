# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Draw docs/images/architecture.svg and run.svg from the YAML files beside it: ``python docs/diagrams/draw.py``.

An SVG follows the reader's light or dark colour scheme.
"""

from __future__ import annotations

import sys
import typing as t
from html import escape
from pathlib import Path

import yaml

HERE = Path(__file__).parent
IMAGES = HERE.parent / "images"
Drawing = t.Mapping[str, t.Any]

STYLE = """
  svg { background: #ffffff; color-scheme: light dark; font: 13px system-ui, "Noto Sans", sans-serif; }
  text { fill: #1f2328; } .small { font-size: 11px; fill: #59636e; } .title { font-weight: 600; }
  .name { font: 11.5px ui-monospace, "DejaVu Sans Mono", monospace; }
  .frame { fill: none; stroke: #8c959f; stroke-dasharray: 4 3; } .box { fill: #f6f8fa; stroke: #8c959f; }
  .public { fill: #dafbe1; stroke: #4ac26b; } .apps { fill: #ddf4ff; stroke: #54aeff; }
  .work { fill: #fff8c5; stroke: #d4a72c; } .wait { fill: #eff2f5; stroke: #8c959f; stroke-dasharray: 3 2; }
  .arrow { stroke: #59636e; stroke-width: 1.4; fill: none; marker-end: url(#head); } #head path { fill: #59636e; }
  .grid { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #f0f6fc; } .small { fill: #9198a1; }
    .frame, .box, .wait { stroke: #656c76; } .box { fill: #151b23; } .wait { fill: #212830; }
    .public { fill: #12261e; stroke: #3fb950; } .apps { fill: #121d2f; stroke: #388bfd; }
    .work { fill: #272115; stroke: #9e6a03; } .arrow { stroke: #9198a1; } #head path { fill: #9198a1; }
    .grid { stroke: #2f3742; }
  }
"""
HEAD = '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
LINE = 17


def svg(width: int, height: int, title: str, parts: t.Iterable[str]) -> str:
    """Return a whole drawing."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<defs>{HEAD}<path d="M0 0L8 4L0 8z"/></marker></defs>\n{body}\n</svg>\n'
    )


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Return a line of text whose baseline begins at x, y."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a rounded box."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" class="{kind}"/>'


def box(drawing: Drawing) -> t.Iterator[str]:
    """Yield a box with its title and, below it, names; a name that begins with # is a remark."""
    x, y, width, height = drawing["at"]
    yield rectangle(x, y, width, height, drawing.get("kind", "box"))
    yield text(x + 10, y + 20, drawing["title"], "title")
    for number, line in enumerate(drawing.get("lines", []), 1):
        remark = line.startswith("# ")
        yield text(x + 10, y + 20 + number * LINE, line.removeprefix("# "), "small" if remark else "name")


def arrow(drawing: Drawing) -> t.Iterator[str]:
    """Yield an arrow along its points, with its words, if any."""
    points = " L".join(f"{x} {y}" for x, y in drawing["points"])
    yield f'<path d="M{points}" class="arrow"/>'
    if "words" in drawing:
        x, y = drawing["words_at"]
        yield text(x, y, drawing["words"], "small")


def architecture(source: Drawing) -> str:
    """Return the picture of the resources and their connections."""
    parts = [part for item in source["boxes"] for part in box(item)]
    parts += [part for item in source["arrows"] for part in arrow(item)]
    width, height = source["size"]
    return svg(width, height, source["title"], parts)


def timeline(source: Drawing) -> str:
    """Return the picture of the run: a lane per layer, with work and waits by seconds."""
    left, top, lane, scale = 128, 50, 64, source["pixels_per_second"]
    bottom = top + lane * len(source["lanes"])
    parts = [text(10, 24, source["title"], "title")]
    for second in range(0, source["seconds"] + 1, 30):
        x = left + second * scale
        parts += [
            f'<path d="M{x:g} {top - 6}V{bottom}" class="grid"/>',
            text(x - 8, bottom + 18, f"{second} s", "small"),
        ]
    for number, row in enumerate(source["lanes"]):
        y = top + number * lane
        parts.append(text(10, y + 30, row["layer"], "name"))
        for span in row["bars"]:
            start, end = span["from"], span["to"]
            high = 26
            offset = 4 + span.get("row", 0) * 29
            parts.append(rectangle(left + start * scale, y + offset, (end - start) * scale, high, span["kind"]))
            parts.append(text(left + start * scale + span.get("shift", 6), y + offset + 17, span["words"], "small"))
    for item in source.get("arrows", []):
        (first, lane_from, row_from), (second, lane_to, row_to) = item
        y_from, y_to = (top + at * lane + 17 + row * 29 for at, row in ((lane_from, row_from), (lane_to, row_to)))
        points = [[left + first * scale, y_from], [left + second * scale - 6, y_from]]
        points += [[left + second * scale - 6, y_to], [left + second * scale, y_to]]
        parts += arrow({"points": points})
    parts += [text(left, bottom + 42, line, "small") for line in source["notes"][:1]]
    width = int(left + source["seconds"] * scale + 30)
    return svg(width, bottom + 58, source["title"], parts)


def drawings() -> dict[Path, str]:
    """Return every drawing by the path of its file."""
    makers = {"architecture": architecture, "run": timeline}
    return {
        IMAGES / f"{name}.svg": make(yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8")))
        for name, make in makers.items()
    }


def main() -> int:
    """Write the drawings."""
    for path, content in drawings().items():
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
