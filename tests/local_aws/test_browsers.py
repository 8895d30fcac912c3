# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A foreign web page in Chromium can't reach the API, but applications work."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from local_aws import emulator
from tests.local_aws.cloud import Account, eventually
from tests.local_aws.probes import answering
from tests.support.cloud import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    # as in browsers that let public pages reach loopback without permission
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWarn",
]
OWNER = "000000000000"
SECONDS = 20


@dataclass(frozen=True)
class Way:
    """One way in: JavaScript that sends `url`, a call of CreateVpc, to the API.

    :param works: on plain MiniStack it creates the VPC; otherwise browsers have it, but it fails.
    """

    name: str
    script: str
    works: bool = True
    host: str = "127.0.0.1"
    from_same_name: bool = False


def element(tag: str, attribute: str, **more: str) -> str:
    extra = "".join(f"e[{json.dumps(key)}] = {json.dumps(value)};" for key, value in more.items())
    return f"const e = document.createElement('{tag}'); {extra} e.{attribute} = url; document.body.append(e);"


def form(method: str, encoding: str) -> str:
    """Return a form that is sent to a frame of the page, with the call's parameters as fields."""
    return f"""
        const f = document.createElement('iframe'); f.name = 'f' + Math.random(); document.body.append(f);
        const e = document.createElement('form'); e.target = f.name; e.method = '{method}'; e.enctype = '{encoding}';
        const u = new URL(url); e.action = '{method}' == 'get' ? u.origin + u.pathname : url;
        for (const [name, value] of u.searchParams) {{
            const i = document.createElement('input'); i.name = name; i.value = value; e.append(i);
        }}
        document.body.append(e); e.submit();"""


def fetch(options: str = "{mode: 'no-cors'}") -> str:
    return f"fetch(url, {options}).catch(() => 0);"


def framed(html: str, **attributes: str) -> str:
    """Return a frame with its own document, optionally sandboxed: its origin is null."""
    text = json.dumps(html) + ".replaceAll('URL', url)"
    extra = "".join(f"e[{json.dumps(key)}] = {json.dumps(value)};" for key, value in attributes.items())
    return f"const e = document.createElement('iframe'); {extra} e.srcdoc = {text}; document.body.append(e);"


TEXT = "{method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body: '{}'}"
FORM_TYPE = "application/x-www-form-urlencoded"
SEARCH = "new URL(url).search.slice(1)"
BODY = f"{{method: 'POST', mode: 'no-cors', headers: {{'Content-Type': '{FORM_TYPE}'}}, body: {SEARCH}}}"
PREFLIGHTED = (
    "{method: 'POST', headers: {'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'A.B'}, body: '{}'}"
)
WORKER = "new Worker(URL.createObjectURL(new Blob([`fetch('${url}', {mode: 'no-cors'})`])));"
CONTENT = "fetch('URL', {mode: 'no-cors', method: 'POST'})"

WAYS = [
    Way("image", element("img", "src")),
    Way("script", element("script", "src")),
    Way("stylesheet", element("link", "href", rel="stylesheet")),
    Way("prefetch", element("link", "href", rel="prefetch")),
    Way("video", element("video", "src")),
    Way("object", element("object", "data")),
    Way("frame", element("iframe", "src")),
    Way("no_referrer", element("img", "src", referrerPolicy="no-referrer")),
    Way("get_form", form("get", FORM_TYPE)),
    Way("post_form", form("post", FORM_TYPE)),
    Way("multipart_form", form("post", "multipart/form-data")),
    Way("text_form", form("post", "text/plain"), works=False),
    Way("fetch_get", fetch()),
    Way("fetch_text", fetch(TEXT)),
    Way("fetch_form", fetch(BODY)),
    Way("fetch_keepalive", fetch("{method: 'POST', mode: 'no-cors', keepalive: true, body: 'a'}")),
    Way("fetch_cors", fetch("{}")),
    Way("fetch_preflighted", fetch(PREFLIGHTED)),
    Way("request", "const r = new XMLHttpRequest(); r.open('POST', url); r.send('a');"),
    Way("beacon", "navigator.sendBeacon(url, 'a');"),
    Way("events", "new EventSource(url);"),
    Way("websocket", "new WebSocket(url.replace('http', 'ws'));", works=False),
    Way("worker", WORKER),
    Way("sandboxed", framed(f"<script>{CONTENT}</script>", sandbox="allow-scripts")),
    Way("refresh", framed('<meta http-equiv="refresh" content="0;url=URL">')),
    Way("localhost", fetch(TEXT), host="localhost"),
    Way("any_address", fetch(TEXT), host="0.0.0.0"),  # noqa: S104 - it is asked for, not listened on
    Way("name_of_loopback", fetch(TEXT), host="app.localhost", works=False),
    Way("resolving_name", fetch(TEXT), host="evil.test"),
    Way("rebound_get", fetch("{}"), host="evil.test", from_same_name=True),
    Way("rebound_post", fetch("{method: 'POST', body: 'a'}"), host="evil.test", from_same_name=True),
    Way("rebound_form", fetch(BODY.replace("'no-cors'", "'cors'")), host="evil.test", from_same_name=True),
]


class Blank(http.server.BaseHTTPRequestHandler):
    """The foreign page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title><body>")

    def log_message(self, *_arguments: object) -> None:
        """Keep the terminal quiet."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "No Chromium on PATH. On Debian: apt-get install chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of a local AWS that only the pages of this module call."""
    state = tmp_path_factory.mktemp("browsers")
    emulator.up(emulator.Options(port=free_port(), containers=False, time_scale=0.02), state)
    yield state
    emulator.down(state)


def block(way: Way) -> str:
    """Return the VPC that a way would create."""
    return f"10.{WAYS.index(way) + 1}.0.0/16"


def address(way: Way, port: int) -> str:
    parameters = f"Action=CreateVpc&Version=2016-11-15&CidrBlock={block(way)}"
    return f"http://{way.host}:{port}/{way.name}?{parameters}"


def attack(browser: Browser, port: int, elsewhere: str) -> Page:
    """Try all ways, those with a rebound name from a page of that name; return the page of the others."""
    page = browser.new_page()
    page.goto(elsewhere)
    rebound = browser.new_page()
    rebound.route("**/page", lambda route: route.fulfill(body="<!doctype html><body>", content_type="text/html"))
    rebound.goto(f"http://evil.test:{port}/page")
    for way in WAYS:
        (rebound if way.from_same_name else page).evaluate(
            f"url => {{ (() => {{ {way.script} }})(); }}", address(way, port)
        )
    return page


def blocks(port: int) -> set[str]:
    """Return the VPCs that unsigned calls have created: those of this account and region."""
    ec2 = boto3.client(
        "ec2",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=OWNER,
        aws_secret_access_key="test",
    )
    return {vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"]}


def test_there_are_many_ways_into_plain_ministack(browser: Browser, plain: int, elsewhere: str) -> None:
    attack(browser, plain, elsewhere)
    wanted = {way.name for way in WAYS if way.works}

    def got_in() -> set[str]:
        made = blocks(plain)
        return {way.name for way in WAYS if block(way) in made}

    assert eventually(got_in, wanted, SECONDS) == wanted


def refused(state: Path) -> set[str]:
    return set(re.findall(r"refused \w+ /(\w+):", (state / "emulator.log").read_text()))


def test_no_page_gets_into_the_local_aws(browser: Browser, state: Path, elsewhere: str) -> None:
    port = emulator.status(state)["port"]
    mine = Account(port, OWNER)
    mine.ec2.create_vpc(CidrBlock="10.200.0.0/16")
    before = blocks(port)
    page = attack(browser, port, elsewhere)
    more: dict[str, Any] = {
        "reset": "/_ministack/reset",
        "config": "/_ministack/config",
        "function": "/2015-03-31/functions",
    }
    for path in more.values():
        page.evaluate(f"url => {fetch(TEXT)}", f"http://127.0.0.1:{port}{path}")
    # a link in a mail or a chat, and a typed address
    typed = browser.new_page().goto(f"http://127.0.0.1:{port}/typed?Action=CreateVpc&CidrBlock=10.201.0.0/16")
    assert typed is not None
    assert typed.status == 403
    wanted = {way.name for way in WAYS} | {"typed"}
    assert eventually(lambda: refused(state) & wanted, wanted, SECONDS) == wanted
    log = (state / "emulator.log").read_text()
    assert [path for path in more.values() if f"refused POST {path}:" not in log] == []
    assert blocks(port) == before
    assert "10.200.0.0/16" in [vpc["CidrBlock"] for vpc in mine.ec2.describe_vpcs()["Vpcs"]]
    calls = [json.loads(line) for line in (state / "calls.jsonl").read_text().splitlines()]
    assert [call["action"] for call in calls] == ["CreateVpc", *["DescribeVpcs"] * 3]


def test_an_application_is_opened_through_its_load_balancer(browser: Browser, state: Path, elsewhere: str) -> None:
    port = emulator.status(state)["port"]
    answering(Account(port, OWNER))
    home = f"http://web.alb.localhost:{port}/"
    page = browser.new_page()
    opened = page.goto(home)
    assert opened is not None
    assert (opened.status, opened.text()) == (200, "mine")
    posted = (
        "async url => { const r = await fetch(url, {method: 'POST', body: 'a'}); return [r.status, await r.text()]; }"
    )
    assert page.evaluate(posted, home) == [200, "mine"]
    page.goto(elsewhere)
    with page.expect_response(home) as of_a_form:
        page.evaluate(f"url => {{ {form('post', FORM_TYPE)} }}", home)
    assert of_a_form.value.status == 200


@pytest.mark.parametrize("path", ["/_ministack/health", "/?Action=DescribeVpcs&Version=2016-11-15"])
def test_the_api_sends_no_cors_headers(state: Path, path: str) -> None:
    port = emulator.status(state)["port"]
    with emulator.OPENER.open(f"http://127.0.0.1:{port}{path}") as answer:
        assert answer.status == 200
        assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []
