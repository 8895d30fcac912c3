# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as a page: what is on it, and that it needs nothing else, in Chromium too."""

from __future__ import annotations

import re
import shutil
import typing as t
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.report import deployments, page, timeline
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, graph
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

SECRET = "hunter2-hunter2"
RUDE = "<script>alert(1)</script>"
BEGAN = 1_790_000_000.0
VPC = [
    {"type": "vpc", "name": "x-vpc", "values": {"cidr_block": "10.0.0.0/16", "key": SECRET}, "sensitive": ["key"]},
    {"type": "subnet", "name": "x-a1", "values": {"zone": "a", "note": RUDE}},
    {"type": "nat_gateway", "name": "x-nat", "values": {"subnet": "x-a1"}},
]


def event(name: str, start: float, end: float, **given: t.Any) -> dict[str, t.Any]:
    return {
        "host": "poc",
        "name": name,
        "role": "vpc",
        "action": "x",
        "start": BEGAN + start,
        "end": BEGAN + end,
        "changed": False,
        "failed": False,
        "items": [],
        "message": "",
        "waited": [],
        **given,
    }


def seen(seconds: float, text: str, running: int, **targets: int) -> dict[str, t.Any]:
    return {"seconds": seconds, "text": text, "running": running, "pending": 0, "desired": 2, "targets": targets}


WAITED = {
    "name": "x-web",
    "outcome": "steady",
    "seconds": 42.0,
    "seen": [
        seen(0, "0/2 running, 2 pending", 0),
        seen(20, "CANARY, 10% of the traffic on it", 1, initial=1),
        seen(42, "steady, 2/2 running, targets 2 healthy", 2, healthy=2),
    ],
}
EVENTS = [
    event("Create or update the subnets", 1, 3, changed=True, items=["x-a1"]),
    event("Start or update the NAT gateways", 3, 4, changed=True, items=["x-nat"], types=["nat_gateway"]),
    event("Read what is there", 4, 4.1),
    event("Ready | Wait for the NAT gateways", 5, 90),
    event("Serve | Wait until the services are steady", 90, 132, role="fargate_service", waited=[WAITED]),
]
SERVICE = {
    "name": "x-web",
    "serving": True,
    "problem": "",
    "address": "https://x.example.com/",
    "revision": "x-web:4",
    "images": [{"container": "web", "image": f"1.dkr.ecr.x.amazonaws.com/x-web@sha256:{'0f' * 32}", "tags": []}],
    "running": 2,
    "desired": 2,
    "pending": 0,
    "deployment": {"rollout_state": "COMPLETED", "since": "2026-11-22 11:00:00Z"},
}


def run(**given: t.Any) -> page.Run:
    changes = {"vpc": compare.changes(VPC, [])}
    return page.Run(
        **{
            "title": "x-an2p in ap-northeast-2",
            "headline": "Done: 3 added, 0 changed, 0 removed.",
            "tone": "well",
            "began": BEGAN,
            "ended": BEGAN + 140,
            "check": False,
            "failure": "",
            "changes": changes,
            "graph": graph.graph({"vpc": VPC}, changes),
            "events": EVENTS,
            "status": {"services": [SERVICE], "problems": []},
            **given,
        }
    )


class Text(HTMLParser):
    """The text of a page, and every address that it would load."""

    def __init__(self, page_: str) -> None:
        super().__init__()
        self.text, self.loads, self.tags = "", list[str](), set[str]()
        self.feed(page_)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [
            str(value) for name, value in attrs if name in ("src", "srcset", "data") or (tag, name) == ("link", "href")
        ]

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def headings(given: page.Run) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", page.page(given))


def test_it_tells_of_a_run_what_it_did_and_what_became_of_it():
    assert headings(run()) == [
        "Running services",
        "Deployments",
        "Timeline",
        "Planned changes",
        "Dependencies",
    ]
    text = " ".join(Text(page.page(run())).text.split())
    for told in (
        "Done: 3 added, 0 changed, 0 removed.",
        "2026-09-21 14:13:20Z, 140 s",
        "x-web: serving",
        "x-web: steady",
        "CANARY, 10% of the traffic on it",
        "Start or update the NAT gateways vpc, 1.0 s; x-nat; needs subnet x-a1",
        "services, 42.0 s",
        "+ vpc x-vpc",
        "+ cidr_block: 10.0.0.0/16",
    ):
        assert told in text, told
    assert "Read what is there" not in text


def test_a_plan_has_no_timeline():
    assert headings(run(check=True, events=[], status={})) == ["The plan", "Dependencies"]


def test_a_failure_is_told_first():
    text = page.page(run(failure="x-web: its tasks start and stop again", headline="Failed.", tone="wrong"))
    assert text.index("start and stop again") < text.index("Running services")


def test_what_is_drawn_of_a_wait_has_the_counts_over_time():
    shown = page.page(run())
    healthy = re.search('<path class="healthy" d="(.*?)"/>', shown)[1]
    # 0 at the bottom until the end, then both at the top
    assert healthy.startswith("M28.0 110.0 H319.4 V110.0 H640.0 V8.0")
    assert "targets healthy" not in page.page(
        run(events=[event("w", 0, 9, waited=[{**WAITED, "seen": [seen(0, "a", 0), seen(9, "b", 2)]}])])
    )


def test_bars_begin_and_end_where_their_tasks_did():
    bars = re.findall(r'class="bar" style="left:([\d.]+)%;width:([\d.]+)%"', page.page(run()))
    assert [(float(left), float(width)) for left, width in bars] == [
        (0.76, 1.52),
        (2.27, 0.76),
        (3.79, 64.39),
        (68.18, 31.82),
    ]


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [(4, ["0 s", "1 s", "2 s", "3 s"]), (9, ["0 s", "2 s", "4 s", "6 s", "8 s"]), (90, ["0 s", "30 s", "60 s"])],
)
def test_an_axis_has_few_ticks(seconds, ticks):
    shown = timeline.timeline([event("vpc", 0, seconds, changed=True)], BEGAN, {"nodes": [], "edges": []})
    assert re.findall(r'%">(\d+ s)</span>', shown) == ticks


NAMESAKES = [("vpc", "x-vpc"), ("target_group", "x-web"), ("ecr_repository", "x-web")]


def test_what_a_resource_needs_is_not_told_of_another_of_its_name():
    nodes = [{"id": str(at), "type": kind, "name": name, "action": "add"} for at, (kind, name) in enumerate(NAMESAKES)]
    graph = {"nodes": nodes, "edges": [("1", "0")]}
    events = [event(kind, 1, 3, changed=True, items=[name], types=[kind]) for kind, name in NAMESAKES]
    shown = timeline.timeline(events, BEGAN, graph)
    assert shown.count("needs vpc x-vpc") == 1
    assert shown.index("target_group") < shown.index("needs vpc x-vpc") < shown.index("ecr_repository")


def test_it_needs_nothing_from_elsewhere_shows_no_secret_and_obeys_no_name():
    shown = page.page(run(title=RUDE, failure=RUDE, events=[*EVENTS, event(RUDE, 1, 9, items=[RUDE], role=RUDE)]))
    read = Text(shown)
    assert read.loads == []
    assert not read.tags & {"script", "img", "link", "iframe", "object", "form"}
    assert SECRET not in shown
    assert "default-src 'none'" in shown


def test_an_address_that_is_none_is_no_link():
    shown = page.page(run(status={"services": [{**SERVICE, "address": "javascript:alert(1)"}]}))
    assert "href=" not in shown


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.program
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_in_chromium_it_fits_says_no_error_and_is_readable(tmp_path: Path, width: int, scheme: t.Any) -> None:
    assert CHROMIUM, "No Chromium on PATH. On Debian: apt-get install chromium."
    path = tmp_path / "run.html"
    path.write_text(page.page(run(failure="x-web: fails\n    its last lines")), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        errors: list[str] = []
        opened.on("console", lambda said: errors.append(said.text))
        opened.on("request", lambda asked: errors.append(asked.url) if not asked.url.startswith("file:") else None)
        opened.goto(path.as_uri())
        assert errors == []
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
        opened.locator("summary").first.click()
        assert opened.get_by_text("cidr_block: 10.0.0.0/16").is_visible()
        # axe's own script is not the page's, which forbids any
        found = _axe(browser, opened.content(), width, scheme)
        browser.close()
    assert found == []


def _axe(browser: t.Any, content: str, width: int, scheme: t.Any) -> list[str]:
    """Return what axe has against a page, in a context that lets its script in."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    opened = context.new_page()
    opened.set_content(content)
    results = Axe().run(opened, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in results.response["violations"]]


def test_a_gate_that_was_answered_waits_no_more():
    at_the_gate = {**WAITED, "outcome": "waiting"}
    other = {**WAITED, "name": "x-api"}
    answered = deployments.deployments([at_the_gate, other, WAITED])
    assert '<span class="well">waited for an answer</span>' in answered
    assert "doubt" not in answered
    still = deployments.deployments([WAITED, other, at_the_gate])
    assert '<span class="doubt">waiting</span>' in still
