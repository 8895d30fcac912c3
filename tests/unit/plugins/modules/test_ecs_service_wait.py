# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecs_service_wait: its options and the results of the wait."""

from __future__ import annotations

import json
import types
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr.in_use import Change
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import PermanentError
from ansible_collections.magiclub.fargate.plugins.modules import ecs_service_wait as module
from botocore.exceptions import ClientError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ecs"
STEADY, ROLLING, TARGETS = (
    json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("service_steady", "service_rolling", "target_health")
)

WATCHES = [
    (["lotto"], [("lotto", None)]),
    (["lotto", {"name": "hello"}], [("lotto", None), ("hello", None)]),
    ([{"name": "lotto", "deployment_id": "ecs-svc/1"}], [("lotto", "ecs-svc/1")]),
    ([{"name": "lotto", "deployment_id": None}], [("lotto", None)]),
    ([{"name": "lotto", "deployment_id": ""}], [("lotto", None)]),
]


@pytest.mark.parametrize(("services", "expected"), WATCHES)
def test_watches(services: list[t.Any], expected: list[tuple[str, str | None]]) -> None:
    assert [(watch.name, watch.memory.deployment_id) for watch in module.watches_of(services)] == expected


RULE = "but has to be a name, or a dictionary with name and, if you like, deployment_id."
WRONG = [
    (["lotto", {"deployment_id": "ecs-svc/1"}], f"services: entry 2 is {{'deployment_id': 'ecs-svc/1'}}, {RULE}"),
    ([{"name": "a", "deployment": "1"}], f"services: entry 1 is {{'name': 'a', 'deployment': '1'}}, {RULE}"),
    ([""], f"services: entry 1 is {{'name': ''}}, {RULE}"),
    (["lotto", "hello", "lotto"], "services: lotto is listed more than once. List each service once."),
]


@pytest.mark.parametrize(("services", "sentence"), WRONG)
def test_wrong_services(services: list[t.Any], sentence: str) -> None:
    with pytest.raises(RefusedError, match="services: ") as caught:
        module.watches_of(services)
    assert str(caught.value) == sentence


REFUSED = [
    (
        "ExpiredTokenException",
        "The credentials have expired. Log in again and repeat the run; the deployment goes on meanwhile.",
    ),
    (
        "UnrecognizedClientException",
        "AWS does not know these credentials. Check the profile or access key, and the endpoint.",
    ),
    ("AccessDeniedException", "The credentials do not allow DescribeServices. Add it to their policy."),
    ("ClusterNotFoundException", "There is no such cluster in ap-northeast-2. Correct cluster or region."),
    ("NoCredentialsError", "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    ("InvalidParameterException", ""),
]


@pytest.mark.parametrize(("code", "sentence"), REFUSED)
def test_refused(code: str, sentence: str) -> None:
    error = PermanentError("DescribeServices", code, "DescribeServices: no.")
    expected = f"Failed to watch the services: DescribeServices: no. {sentence}".strip()
    assert module.refused(error, "ap-northeast-2") == expected


CLOCK = [
    (
        "InvalidSignatureException",
        "Signature expired: 20191209T104625Z is now earlier than 20191210T033904Z (20191210T034404Z - 5 min.)",
    ),
    (
        "InvalidSignatureException",
        "Signature not yet current: 20170731T092200Z is still later than 20170731T092115Z (20170731T091615Z + 5 min.)",
    ),
    (
        "SignatureDoesNotMatch",
        "Signature expired: 20151221T200419Z is now earlier than 20151221T201450Z (20151221T201950Z - 5 min.)",
    ),
]


@pytest.mark.parametrize(("code", "message"), CLOCK)
def test_a_wrong_clock_is_not_reported_as_expired_credentials(code: str, message: str) -> None:
    error = PermanentError("DescribeServices", code, f"DescribeServices: {code}: {message}")
    assert module.refused(error, None) == (
        f"Failed to watch the services: DescribeServices: {code}: {message}. This machine's clock differs from that of"
        " AWS. Set it (NTP) and repeat the run; the deployment goes on meanwhile."
    )


def test_progress_is_written_to_the_file_and_returned(tmp_path: Path) -> None:
    lines: list[str] = []
    report = module.reporter(str(tmp_path / "progress"), lines)
    report("one")
    report("two")
    assert (tmp_path / "progress").read_text(encoding="utf-8") == "one\ntwo\n"
    assert lines == ["one", "two"]


def test_a_wait_continues_without_the_file(tmp_path: Path) -> None:
    lines: list[str] = []
    module.reporter(str(tmp_path / "nowhere" / "progress"), lines)("one")
    assert lines == ["one"]


def test_the_message_has_lines_for_the_rollback_the_next_step_and_the_last_log_lines() -> None:
    result = {"message": "lotto: broken.", "rollback": "", "next_step": "Fix it.", "log_lines": list("abcdefg")}
    assert module.sentence_of(result).split("\n    ") == [
        "lotto: broken.",
        "Fix it.",
        "Last log lines of the container:",
        *("  c", "  d", "  e", "  f", "  g"),
    ]
    rolled_back = {**result, "rollback": "It went back.", "log_lines": []}
    assert module.sentence_of(rolled_back).split("\n    ") == ["lotto: broken.", "It went back.", "Fix it."]


class Cloud:
    """An ECS whose service is steady after some seconds, and a clock that only the wait's sleeps advance."""

    def __init__(self, steady_from: float = 0, error: str = "", missing: bool = False) -> None:
        self.steady_from, self.error, self.missing, self.seconds = steady_from, error, missing, 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def describe_services(self, **_asked: t.Any) -> dict[str, t.Any]:
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "DescribeServices")
        if self.missing:
            return {"services": []}
        return {"services": [STEADY if self.seconds >= self.steady_from else ROLLING]}

    def describe_target_health(self, **_asked: t.Any) -> dict[str, t.Any]:
        return {"TargetHealthDescriptions": [TARGETS["healthy"]] * 2}

    def __getattr__(self, operation: str) -> t.Callable[..., dict[str, t.Any]]:
        return lambda **_asked: {}


class Run(t.Protocol):
    def __call__(self, cloud: Cloud, *, check: bool = False, **parameters: t.Any) -> dict[str, t.Any]: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module to its end and return its result."""

    def run(cloud: Cloud, *, check: bool = False, **parameters: t.Any) -> dict[str, t.Any]:
        begun = cloud.seconds
        clock = types.SimpleNamespace(
            monotonic=lambda: cloud.seconds - begun, time=lambda: 1763784100 + cloud.seconds, sleep=cloud.sleep
        )
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(OneSessionModule, "client", lambda _module, _service, **_keywords: cloud)
        arguments = {"cluster": "c", "services": ["lotto"], "region": "ap-northeast-2", **parameters}
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            module.main()
        return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out.splitlines()[-1]))

    return run


def test_a_service_is_waited_for(run: Run) -> None:
    result = run(Cloud(steady_from=30))
    assert (result["steady"], result["changed"]) == (True, False)
    assert 30 <= result["seconds"] < 60
    assert result["services"][0]["outcome"] == "steady"
    assert result["calls"]["DescribeServices"] == result["polls"]


def test_a_service_that_is_never_steady_fails_with_the_next_step(run: Run) -> None:
    result = run(Cloud(steady_from=9999), timeout=60)
    (service,) = result["services"]
    assert (result["failed"], result["steady"], service["outcome"]) == (True, False, "timed_out")
    assert result["msg"].startswith(f"{service['message']}\n    {service['next_step']}")


def test_check_mode_polls_once_and_never_fails(run: Run) -> None:
    cloud = Cloud(steady_from=9999)
    result = run(cloud, check=True)
    assert "failed" not in result
    assert (result["services"][0]["outcome"], result["polls"], cloud.seconds) == ("pending", 1, 0)


def test_only_check_mode_polls_a_missing_service_once(run: Run) -> None:
    seen = [
        (result["services"][0]["outcome"], result["polls"])
        for result in (run(Cloud(missing=True)), run(Cloud(missing=True), check=True))
    ]
    assert seen == [("gone", 2), ("gone", 1)]


def test_invalid_services_fail_before_any_call(run: Run) -> None:
    assert run(Cloud(error="AccessDeniedException"), services=["a", "a"])["msg"].startswith("services: a is listed")


def test_an_error_that_is_permanent_fails_at_once(run: Run) -> None:
    cloud = Cloud(error="ClusterNotFoundException")
    result = run(cloud)
    assert result["msg"].endswith("There is no such cluster in ap-northeast-2. Correct cluster or region.")
    assert (result["calls"], cloud.seconds) == ({"DescribeServices": 1}, 0)


IMAGE = {
    "name": "lotto",
    "image": "111122223333.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:1",
    "service": "lotto",
    "revision": 7,
    "name_prefix": "magiclub-an2p",
    "account_id": "111122223333",
}


@pytest.mark.parametrize(
    ("steady_from", "image", "check", "expected"),
    [
        (30, {}, False, ["in-use-lotto-7"]),
        # another deployment, another service, no deployment that serves
        (0, {"revision": 6}, False, []),
        (0, {"name": "hello"}, False, []),
        (9999, {}, False, []),
        (0, {}, True, []),
    ],
)
def test_only_the_image_of_the_serving_deployment_is_tagged(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    steady_from: float,
    image: dict[str, t.Any],
    check: bool,
    expected: list[str],
) -> None:
    cloud = Cloud(steady_from)
    at: list[float] = []

    def marked(_client: t.Any, given: t.Any, region: str, *, write: bool) -> tuple[Change, str]:
        assert (region, write) == ("ap-northeast-2", True)
        at.append(cloud.seconds)
        return Change([f"in-use-{given['service']}-{given['revision']}"], []), "A warning."

    monkeypatch.setattr(module.marking, "mark_if_allowed", marked)
    result = run(cloud, check=check, timeout=60, images_in_use=[{**IMAGE, **image}])
    assert result["images_in_use"] == expected
    assert all(seconds >= steady_from for seconds in at)
    assert ("A warning." in json.dumps(result.get("warnings", []))) is bool(expected)
