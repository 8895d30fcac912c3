# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests for a name that does not resolve, to servers in this process."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import threading
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import http_request
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.answered_by import Seen
from ansible_collections.magiclub.fargate.plugins.modules import http_answer_info

from tests.support.certificate import self_signed

from .test_answered_by import CLUSTER, EXPECTED, LISTENER, group, rule, target, task_of

DOMAIN = "lotto.example.invalid"  # RFC 2606: no resolver knows it


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the request's data; /redirect redirects, /text is no JSON."""

    def do_GET(self) -> None:
        body = json.dumps({"host": self.headers["Host"], "path": self.path, "mark": self.headers["X-Mark"]})
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "http://elsewhere.invalid/")
        self.send_header("Content-Type", "text/plain" if self.path == "/text" else "application/json")
        self.end_headers()
        self.wfile.write(b"plain \xff" if self.path == "/text" else body.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def serve(tmp_path, monkeypatch) -> t.Iterator[t.Callable[..., int]]:
    """Start a server and return its port; with a domain it has a trusted TLS certificate."""
    servers = []

    def start(domain: str = "") -> int:
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        if domain:
            certificate, key = self_signed(domain)
            (tmp_path / "chain.pem").write_bytes(certificate)
            (tmp_path / "key.pem").write_bytes(key)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "chain.pem"))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_name_that_does_not_resolve_is_requested_from_the_load_balancer(serve) -> None:
    port = serve(DOMAIN)
    request = http_request.Request(f"https://{DOMAIN}:{port}/p?q=1", "127.0.0.1", {"X-Mark": "m"})
    answer = http_request.ask(request)
    assert (answer.status, answer.msg) == (200, "OK")
    assert answer.json == {"host": f"{DOMAIN}:{port}", "path": "/p?q=1", "mark": "m"}
    assert answer.headers["content_type"] == "application/json"


def test_without_an_address_the_name_has_to_resolve(serve) -> None:
    answer = http_request.ask(http_request.Request(f"https://{DOMAIN}:{serve(DOMAIN)}/"))
    assert (answer.status, answer.reached) == (-1, False)
    assert answer.msg.startswith(f"this machine's resolver does not know {DOMAIN}")


def test_a_certificate_of_another_name_is_refused(serve) -> None:
    port = serve("other.example.invalid")
    answer = http_request.ask(http_request.Request(f"https://{DOMAIN}:{port}/", "127.0.0.1"))
    assert answer.status == -1
    assert answer.msg.startswith(f"the certificate is not right for {DOMAIN}: Hostname mismatch")


def test_the_certificate_chain_is_checked_even_without_a_name(serve, monkeypatch, tmp_path) -> None:
    port = serve("other.example.invalid")
    unnamed = http_request.Request(f"https://{DOMAIN}:{port}/", "127.0.0.1", check_name=False)
    assert http_request.ask(unnamed).status == 200
    (tmp_path / "others.pem").write_bytes(self_signed(DOMAIN)[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "others.pem"))
    refused = http_request.ask(unnamed)
    assert refused.status == -1
    assert "self-signed certificate" in refused.msg


def test_plain_http_keeps_the_given_host(serve) -> None:
    port = serve()
    answer = http_request.ask(http_request.Request(f"http://127.0.0.1:{port}/p", headers={"Host": "alb.localhost:80"}))
    assert answer.json == {"host": "alb.localhost:80", "path": "/p", "mark": None}


def test_a_redirect_is_not_followed(serve) -> None:
    answer = http_request.ask(http_request.Request(f"http://127.0.0.1:{serve()}/redirect"))
    assert (answer.status, answer.headers["location"]) == (302, "http://elsewhere.invalid/")


def test_text_is_no_json(serve) -> None:
    answer = http_request.ask(http_request.Request(f"http://127.0.0.1:{serve()}/text"))
    assert (answer.content, answer.json) == ("plain \N{REPLACEMENT CHARACTER}", None)
    assert http_request.Answer(200, "", "{", {"content_type": "application/json"}).json is None


def test_a_refused_connection_is_reported() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = http_request.ask(http_request.Request(f"http://127.0.0.1:{port}/"))
    assert (answer.status, answer.reached) == (-1, False)
    assert answer.msg.startswith(f"no connection to 127.0.0.1 at port {port}")


def test_the_proxy_of_the_environment_is_used(serve, monkeypatch) -> None:
    proxy = serve()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
    answer = http_request.ask(http_request.Request(f"http://{DOMAIN}/p"))
    assert answer.json == {"host": DOMAIN, "path": f"http://{DOMAIN}:80/p", "mark": None}
    monkeypatch.setenv("no_proxy", DOMAIN)
    assert http_request.ask(http_request.Request(f"http://{DOMAIN}/p")).reached is False


class Sender:
    """Returns answers and observations in turn, and records the requested hosts."""

    def __init__(self, *answers: http_request.Answer, seen: t.Sequence[Seen] = ()) -> None:
        self.answers, self.seen, self.asked, self.now = list(answers), list(seen), [], 0.0

    def __call__(self, request: http_request.Request) -> http_request.Answer:
        self.asked.append(request.connect_to)
        return self.answers.pop(0)

    def see(self, expected: t.Iterable[t.Mapping[str, t.Any]]) -> Seen:
        return self.seen.pop(0) if [*expected] else NOBODY

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, *questions: http_request.Question, within: float = 6) -> list[http_request.Outcome]:
        return http_request.until_right(
            questions, within, see=self.see, send=self, clock=lambda: self.now, sleep=self.sleep
        )


def question(connect_to: str = "alb", **more: t.Any) -> http_request.Question:
    return http_request.Question(http_request.Request("https://lotto.example.com/", connect_to), **more)


OK, BUSY = http_request.Answer(200, "OK"), http_request.Answer(503, "busy")
SHUT = http_request.Answer(-1, "no connection", reached=False)
NOBODY = Seen({}, {}, {})
ASKED = [
    # answers in turn, how the last is reported, requested hosts, seconds
    ((OK,), OK, ["alb"], 0),
    ((BUSY, OK), OK, ["alb", "alb"], 3),
    ((BUSY, BUSY, BUSY), BUSY, ["alb"] * 3, 6),
    ((SHUT, SHUT, SHUT, OK), OK, ["alb", "alb", "alb", ""], 6),
    ((SHUT, SHUT, SHUT, BUSY), SHUT, ["alb", "alb", "alb", ""], 6),
]


@pytest.mark.parametrize(("answers", "told", "asked", "seconds"), ASKED)
def test_requests_are_repeated_until_the_status_is_right(answers, told, asked, seconds) -> None:
    sender = Sender(*answers)
    (outcome,) = sender.run(question())
    assert outcome.answer == told
    assert (sender.asked, sender.now) == (asked, seconds)


def test_an_answer_by_name_is_not_requested_again() -> None:
    (outcome,) = Sender(SHUT).run(question(""), within=0)
    assert outcome.answer == SHUT


def test_only_wrong_answers_are_requested_again(monkeypatch) -> None:
    monkeypatch.setattr(http_request, "THREADS", 1)  # for answers in turn
    sender = Sender(OK, BUSY, OK)
    outcomes = sender.run(question("one"), question("two"))
    assert ([outcome.problem for outcome in outcomes], sender.asked) == (["", ""], ["one", "two", "two"])


def moment(task: str, revision: int = 3, front: tuple[str, ...] = ()) -> Seen:
    """Return the observation of one task in the service's target group; C(front) are paths of a rule in front."""
    return Seen(
        {LISTENER: [rule(1, front, "old"), rule(2, ["/*"], "web")] if front else [rule(2, ["/*"], "web")]},
        {group("web"): [target("10.0.0.1")]},
        {CLUSTER: [task_of(task, "10.0.0.1", revision)]},
    )


PROVED = [
    # observations in turn, the final problem, who answered, number of requests
    ([moment("a"), moment("a")], "", "task a of web:3", 1),
    ([moment("a"), moment("b")], "", "one of 2 tasks of web:3", 1),
    ([moment("a", 2), moment("b"), moment("b"), moment("b")], "", "task b of web:3", 2),
    ([moment("a"), moment("a", 2), moment("b"), moment("b")], "", "task b of web:3", 2),
    (
        [moment("a", front=("/",))] * 6,
        "did not answer https://lotto.example.com/ itself: rule 1 (/ to old) took the request, not the service's own,"
        " which forwards to web alone.",
        "",
        3,
    ),
]


@pytest.mark.parametrize(("seen", "problem", "answered_by", "times"), PROVED)
def test_requests_are_repeated_until_only_the_expected_tasks_can_have_answered(
    seen, problem, answered_by, times
) -> None:
    sender = Sender(*[OK] * times, seen=seen)
    (outcome,) = sender.run(question(expected=EXPECTED))
    assert (outcome.problem, outcome.proof.answered_by) == (problem, answered_by)
    assert (sender.answers, sender.seen) == ([], [])


def test_an_answer_by_name_proves_who_answered_only_if_the_name_leads_there() -> None:
    (outcome,) = Sender(SHUT, OK, seen=[moment("a")] * 2).run(question(expected=EXPECTED), within=0)
    assert (outcome.problem, outcome.proof.answered_by) == ("", "task a of web:3, if lotto.example.com leads there")


def test_a_wrong_answer_names_the_rule_that_took_the_request() -> None:
    (outcome,) = Sender(BUSY, seen=[moment("a", front=("/*",))] * 2).run(question(expected=EXPECTED), within=0)
    assert outcome.problem == (
        "answered https://lotto.example.com/ with 503, and 200 is right: rule 1 (/* to old) took the request, not the"
        " service's own, which forwards to web alone. It was asked at alb, whatever the DNS says of the name."
    )


@pytest.fixture
def run(capsys, monkeypatch) -> t.Callable[..., tuple[dict[str, t.Any], list[str]]]:
    """Run the module with one request and return its answer and its warnings."""

    def run(**request: t.Any) -> tuple[dict[str, t.Any], list[str]]:
        warnings: list[str] = []
        monkeypatch.setattr(http_answer_info.OneSessionModule, "warn", lambda _module, text: warnings.append(text))
        with patch_module_args({"requests": [{"name": "lotto", **request}], "within": 0}), pytest.raises(SystemExit):
            http_answer_info.main()
        (answer,) = json.loads(capsys.readouterr().out.splitlines()[-1])["answers"]
        return answer, warnings

    return run


def test_the_module_warns_that_the_name_does_not_resolve_yet(serve, run) -> None:
    port = serve(DOMAIN)
    found, [warning] = run(url=f"https://{DOMAIN}:{port}/p", connect_to="127.0.0.1")
    assert (found["name"], found["status"], found["json"]["path"], found["name_known"]) == ("lotto", 200, "/p", False)
    assert (found["problem"], found["answered_by"]) == ("", "")
    assert warning.startswith(f"{DOMAIN} is not known to this machine's resolver yet.")


@pytest.mark.parametrize(
    ("given", "status", "known"),
    [
        ({"url": "https://localhost:{port}/", "connect_to": "127.0.0.1"}, 200, True),
        ({"url": "https://localhost:{port}/"}, 200, None),
        ({"url": "https://localhost:{port}/redirect", "connect_to": "127.0.0.1"}, 302, None),
    ],
)
def test_a_name_that_resolves_gives_no_warning(serve, run, given, status, known) -> None:
    port = serve("localhost")
    found, warnings = run(**{key: value.format(port=port) for key, value in given.items()})
    assert (found["status"], found["name_known"], warnings) == (status, known, [])
    assert bool(found["problem"]) is (status != 200)
