# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every message of AWS's pages: its outcome, whether it heals, and its next step."""

from __future__ import annotations

import collections
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.messages import model, rows
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.outcomes import OUTCOMES, OutcomeName
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.judge import verdict

from tests.checks.messages import DOCUMENT, rendered

from .observe import observe

FIXTURE = Path(__file__).parents[2] / "fixtures" / "ecs" / "messages.yml"
BY_PAGE: dict[str, list[list[t.Any]]] = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
TEXTS = [(page, *row) for page, rows in BY_PAGE.items() for row in rows]
# pages whose messages are all on other pages, too
WITHOUT_TEXTS = {"stopped-tasks-error-messages-updates", "deployment-circuit-breaker"}


@pytest.mark.parametrize(
    ("page", "source", "text", "kind", "heals", "words", "codes"), [(*row, [])[:7] for row in TEXTS]
)
def test_message(page: str, source: str, text: str, kind: str, heals: str, words: str, codes: list[int]) -> None:
    row = rows.message_of(text, codes)
    assert row is not None
    assert (row.outcome, row.heals) == (kind, heals), row.text
    assert words.lower() in row.next_step.lower()


# Every word of the rows' expressions as part of one name, in the order of the rows and reversed.
WORDS = list(dict.fromkeys(word for row in rows.MESSAGES for word in re.findall(r"[A-Za-z0-9]{3,}", row.pattern)))
NASTY = [
    "-".join(WORDS).lower(),
    "-".join(reversed(WORDS)).lower(),
    *("firelens", "firelens-gate", "wasm-app", "asm", "ssm", "efs-sync", "mount.nfs", "kms-proxy", "env-files"),
    *("error-mails", "error-pages", "unhealthy", "failed", "forbidden", "denied", "403", "agent", "attribute"),
    *("toomanyrequests", "health-gate", "registry-auth", "manual"),
]
# The names in the fixture's texts that people chose.
CHOSEN = r"lotto|backend|gunicorm?n?|start(?=\.sh)|airflow|(?<=json key )password|(?<=/)token"

ROWS = [
    (text, rows.message_of(text, codes), codes)
    for _page, _source, text, *_rest, codes in ((*row, [])[:7] for row in TEXTS)
]


@pytest.mark.parametrize("name", NASTY, ids=lambda name: name[:20])
def test_a_name_is_read_as_a_name(name: str) -> None:
    wrong = [text for text, row, codes in ROWS if rows.message_of(re.sub(CHOSEN, name, text), codes) is not row]
    assert wrong == []


# Events that are not failures, whatever names they have.
CALM = (
    "(service {0}) has started 2 tasks: (task 1) (task 2).",
    "(service {0}, taskSet ecs-svc/1) has started 1 tasks: (task 1).",
    "(service {0}) has stopped 1 running tasks: (task 1).",
    "(service {0}) registered 2 targets in (target-group {0})",
    "(service {0}) deregistered 1 targets in (target-group {0})",
    "(service {0}, taskSet ecs-svc/1) has begun draining connections on 1 tasks.",
    "(service {0}) (deployment ecs-svc/1) deployment completed.",
    "(service {0}) has reached a steady state.",
    "(service {0}) updated computedDesiredCount for taskSet ecs-svc/1 to 2.",
    "{0} has started 1 tasks in ap-northeast-2b to AZ Rebalance: 1.",
)


@pytest.mark.parametrize("event", CALM)
def test_names_are_not_failures(event: str) -> None:
    assert diagnose.failure_messages([{"message": event.format(name)} for name in NASTY]) == []


# The text around a failed task's message; the reason may be the container's.
AROUND = ("{}", "Task failed to start. {}", "{}.", "TaskFailedToStart: {}")


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("respell", [str, str.upper, str.lower])
def test_a_failed_task_has_the_same_cause(around: str, respell: t.Callable[[str], str]) -> None:
    for page, _source, text, kind, heals, words, *codes in TEXTS:
        if kind == "" or page.startswith("service-") or text == "Task failed to start":
            continue
        if around.startswith("T") and re.match(r"AGENT|ATTRIBUTE|Context|TaskFailed|API error", text):
            continue  # those are the whole of a reason
        containers = [{"name": "lotto", "exitCode": code} for code in (codes[0] if codes else [])]
        task = {
            "stopCode": "TaskFailedToStart",
            "stoppedReason": respell(around.format(text)),
            "containers": containers,
        }
        failure = diagnose.failure_of(task)
        assert failure is not None, text
        assert (failure.cause, failure.permanent) == (kind, heals == "no"), text
        assert words.lower() in diagnose.next_step(failure.cause, failure.reason, failure).lower(), text


def test_a_task_that_never_ran_is_not_sent_to_its_log() -> None:
    # issue: 'Read the container's last log lines' was the next step where no container had ever run
    for page, _source, text, kind, *_rest in TEXTS:
        if kind == "cannot_start":
            row = rows.message_of(text)
            assert row is not None
            assert "log lines" not in row.next_step, (page, text)


def test_an_unreachable_image_or_secret_is_not_reported_as_missing() -> None:
    # issue: 'Push the image' and 'Create the secret' were the next steps for time-outs of the network
    for _page, _source, text, kind, *_rest in TEXTS:
        if kind in ("image", "secrets") and re.search("timeout|connection issue|deadline|request cancel", text):
            row = rows.message_of(text)
            assert row is not None
            assert not re.match("Push|Create", row.next_step), text


# The agent's frames for errors, and its words for an unreachable destination and a denied call.
FRAMES = {
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: {}": "logs",
    "ResourceInitializationError: failed to download env files: file download command: {}": "s3",
    "unable to retrieve secret from asm: service call has been retried 1 time(s): {}": "secretsmanager",
    "unable to retrieve secrets from ssm: service call has been retried 1 time(s): {}": "ssm",
    "unable to pull secrets or registry auth: unable to retrieve ecr registry auth: {}": "ecr",
    "CannotPullContainerError: pull image manifest has been retried: failed to resolve ref lotto:1: {}": "ecr",
}
NETWORK = (
    "dial tcp 10.0.0.7:443: i/o timeout",
    "context deadline exceeded",
    "RequestCanceled: request canceled",
    "context canceled",
    "RequestError: send request failed",
    "There is a connection issue between the task and AWS",
    "dial tcp: lookup api.aws on 10.0.0.2:53: no such host",
    "dial tcp 10.0.0.7:443: connect: connection refused",
    "read tcp 10.0.0.7:443: connection reset by peer",
    "net/http: TLS handshake timeout",
    ": signal: killed",
)
REFUSALS = ("AccessDeniedException: no", "User: x is not authorized to perform: a:B", "api error Forbidden: Forbidden")


@pytest.mark.parametrize("words", NETWORK)
@pytest.mark.parametrize(("frame", "service"), FRAMES.items())
def test_unreachable_destinations(frame: str, service: str, words: str) -> None:
    row = rows.message_of(frame.format(words))
    assert row is not None
    assert row.heals == "perhaps"
    assert row.next_step.startswith("Let the task's subnets reach ")
    assert service in row.next_step.lower()


@pytest.mark.parametrize("words", REFUSALS)
@pytest.mark.parametrize("frame", FRAMES)
def test_denied_calls(frame: str, words: str) -> None:
    row = rows.message_of(frame.format(words))
    assert row is not None
    assert row.heals == "perhaps"
    assert re.search("[Aa]llow the execution role", row.next_step)


@pytest.mark.parametrize("row", rows.MESSAGES, ids=lambda row: row.text)
def test_a_row_is_complete(row: model.Message) -> None:
    assert row.page in model.PAGES
    assert row.heals in ("yes", "perhaps", "no")
    assert row.outcome == "" or OUTCOMES[row.outcome].is_cause or row.outcome == "stopped"
    assert re.match(r"[A-Z].*[.…]$", row.cause), row.cause
    assert re.match(r"[A-Z].*[.…]$", row.next_step), row.next_step


def test_every_row_and_page_has_a_text() -> None:
    met = {id(rows.message_of(text, codes[0] if codes else ())) for _p, _s, text, _k, _h, _w, *codes in TEXTS}
    assert [row.text for row in rows.MESSAGES if id(row) not in met] == []
    assert set(BY_PAGE) | WITHOUT_TEXTS == set(model.PAGES)


# The number of messages on each page, counted there, so that a forgotten one is noticed.
ON_PAGES = {
    "failed-to-start-error": 5,
    "resource-initialization-error": 8,
    "resource-not-found-error": 2,
    "task_cannot_pull_image": 16,
    "service-event-messages-list": 25,
    "service-unhealthy-event-messages": 4,
}


@pytest.mark.parametrize(("page", "count"), ON_PAGES.items())
def test_every_message_of_a_page_has_a_row(page: str, count: int) -> None:
    assert collections.Counter(row[0] for row in BY_PAGE[page])["page"] == count


def test_the_document_has_these_rows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rendered(text) == text, "run python -m tests.checks.messages"


UNKNOWN = [
    # task, cause
    ({"stopCode": "TaskFailedToStart", "stoppedReason": "Something new"}, "cannot_start"),
    ({"stopCode": "TaskFailedToStart", "stoppedReason": "Something new", "startedAt": 1.0}, "crash_loop"),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Something new"}, "crash_loop"),
]


@pytest.mark.parametrize(("task", "kind"), UNKNOWN)
def test_unknown_words(task: dict[str, t.Any], kind: str) -> None:
    failure = diagnose.failure_of(task)
    assert failure == diagnose.Failure(kind, "Something new")
    assert diagnose.next_step(kind, "Something new", failure) == OUTCOMES[kind].next_step


# Events that once were not recognised as failures, though ECS can't continue.
SIGNS = [
    text
    for page, _source, text, kind, *_rest in TEXTS
    if page in ("service-event-messages-list", "service-unhealthy-event-messages") and kind
]


@pytest.mark.parametrize("text", SIGNS)
def test_events_about_failures_are_signs(text: str) -> None:
    assert diagnose.failure_messages([{"message": text}]) == [text]
    failure = diagnose.meaning_of(text)
    assert failure is not None
    assert failure.reason == text


def test_newest_failure() -> None:
    events = [
        {"createdAt": 2.0, "message": "(service lotto) was unable to place a task. Reason: Capacity is unavailable"},
        {"createdAt": 4.0, "message": "(service lotto) has started 2 tasks: (task 1) (task 2)."},
        {"createdAt": 3.0, "message": "(service lotto) operations are being throttled. Will try again later."},
        {"createdAt": 5.0, "message": "(service lotto) has reached a steady state."},
    ]
    found = diagnose.newest_failure(events)
    assert found is not None
    assert (found.cause, found.message and found.message.heals) == ("blocked", "yes")
    assert diagnose.newest_failure(events[3:]) is None
    assert diagnose.newest_failure([{}]) is None


@pytest.mark.parametrize(
    ("kind", "reason", "codes", "headline"),
    [
        ("crash_loop", "Essential container in task exited", {0}, "its tasks exit without an error"),
        ("crash_loop", "Essential container in task exited", {1}, "its tasks start and stop again"),
        ("cannot_start", "The specified log group does not exist", set(), "its tasks can't start"),
        ("image", "CannotPullContainerError: i/o timeout", set(), "its tasks can't reach the registry"),
    ],
)
def test_headlines(kind: str, reason: str, codes: set[int], headline: str) -> None:
    failure = diagnose.Failure(kind, reason, message=rows.message_of(reason, codes))
    assert diagnose.headline_of(kind, failure) == headline


@pytest.mark.parametrize("kind", ["", "rolled_back", "unheard of"])
def test_headline_without_a_known_cause(kind: str) -> None:
    assert diagnose.headline_of(kind) == "the deployment failed"


def test_exit_code_0_is_an_exit_and_not_a_failed_start() -> None:
    task = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
    failed = {**task, "startedBy": "ecs-svc/1", "containers": [{"name": "lotto", "exitCode": 0}]}
    deployment = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED", "desiredCount": 1}
    service = {"serviceName": "lotto", "status": "ACTIVE", "desiredCount": 1, "deployments": [deployment]}
    found = verdict(observe(service=service, tasks=[failed] * 3, signs_seen=99))
    assert (found.outcome, found.cause) == ("crash_loop", "crash_loop")
    assert "its tasks exit without an error (3 tasks)" in found.message
    assert "in the foreground" in found.next_step


def test_each_outcome_has_its_texts():
    assert list(OUTCOMES) == list(t.get_args(OutcomeName))
