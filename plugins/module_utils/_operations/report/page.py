# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a run as a self-contained page without scripts.  Plain data in, HTML out."""

from __future__ import annotations

import datetime
import html
import typing as t
from pathlib import Path

from ..._plan import draw, render
from .deployments import deployments
from .timeline import timeline

Data = t.Mapping[str, t.Any]

STYLE = Path(__file__).with_name("style.css")


class Run(t.NamedTuple):
    """The content of a page.

    :param title: the platform.
    :param headline: the outcome in a sentence; C(tone): C(well), C(wrong) or C(doubt).
    :param began, ended: seconds since 1970.
    :param check: whether it was check mode.
    :param failure: the error; empty if there was none.
    :param changes: by layer, as returned by C(compare.changes).
    :param graph: as returned by C(_plan.graph).
    :param events: as recorded by C(plugin_utils.timeline).
    :param status: as returned by C(operations.status.report); empty if it was not read.
    """

    title: str
    headline: str
    tone: str
    began: float
    ended: float
    check: bool
    failure: str
    changes: t.Mapping[str, t.Sequence[t.Any]]
    graph: Data
    events: t.Sequence[Data]
    status: Data


def page(run: Run) -> str:
    """Return the page."""
    title = html.escape(run.title)
    body = "".join(
        (
            f'<h1>{title}</h1><p class="verdict {run.tone}">{html.escape(run.headline)}</p>',
            f'<p class="faint">{_moment(run.began)}, {run.ended - run.began:.0f} s</p>',
            f"<pre>{html.escape(run.failure)}</pre>" if run.failure else "",
            _section("Running services", _status(run.status)),
            _section("Deployments", deployments([one for event in run.events for one in event["waited"]])),
            _section(
                "Timeline",
                "" if run.check else timeline(run.events, run.began, run.graph),
            ),
            _section("The plan" if run.check else "Planned changes", _plan(run.changes)),
            _section("Dependencies", _graph(run.graph)),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}: {html.escape(run.headline)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>{body}</main><footer>Written by magiclub.fargate.</footer></body></html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""


def _moment(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _status(status: Data) -> str:
    services = "".join(map(_service, status.get("services") or []))
    problems = "".join(f'<p class="wrong">{html.escape(one)}</p>' for one in status.get("problems") or [])
    return problems + services


def _service(service: Data) -> str:
    state, tone = ("serving", "well") if service["serving"] else ("NOT SERVING", "wrong")
    if not service["serving"] and not service["problem"]:
        state, tone = "idle", ""
    where = html.escape(str(service["address"]))
    rows = [
        ("Address", f'<a href="{where}">{where}</a>' if where.startswith(("http://", "https://")) else where),
        ("Revision", html.escape(str(service["revision"]))),
        *(("Image", f"<code>{html.escape(str(one['image']))}</code>") for one in service["images"]),
        ("Tasks", f"{service['running']} of {service['desired']} running, {service['pending']} pending"),
        ("Deployment", html.escape(f"{service['deployment']['rollout_state']} since {service['deployment']['since']}")),
    ]
    shown = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    return f'<h3>{html.escape(str(service["name"]))}: <span class="{tone}">{state}</span></h3><dl>{shown}</dl>'


def _plan(changes: t.Mapping[str, t.Sequence[t.Any]]) -> str:
    parts = []
    for layer, some in changes.items():
        if some:
            items = "".join(map(_change, some))
            parts.append(
                f'<h3>{html.escape(layer)} <small>{render.totals(some)}</small></h3><ul class="plan">{items}</ul>'
            )
    return "".join(parts)


def _change(change: t.Any) -> str:
    first, _newline, rest = render.change_text(change).partition("\n")
    line = f'<span class="{change["action"]}">{html.escape(first)}</span>'
    if not rest:
        return f"<li>{line}</li>"
    return f"<li><details><summary>{line}</summary><pre>{html.escape(rest)}</pre></details></li>"


def _graph(graph: Data) -> str:
    if not graph["nodes"]:
        return ""
    return f'<div class="wide" tabindex="0" role="region" aria-label="Graph, scrolls sideways">{draw.svg(graph)}</div>'
