# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module makes of its options and of what the wait tells it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs.wait import Watch
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs.wait_api import RefusedError
from ansible_collections.magiclub.fargate.plugins.modules import ecs_service_wait as module

WATCHES = [
    (["lotto"], [("lotto", None)]),
    (["lotto", {"name": "hello"}], [("lotto", None), ("hello", None)]),
    ([{"name": "lotto", "deployment_id": "ecs-svc/1"}], [("lotto", "ecs-svc/1")]),
    ([{"name": "lotto", "deployment_id": None}], [("lotto", None)]),
    ([{"name": "lotto", "deployment_id": ""}], [("lotto", None)]),
]


@pytest.mark.parametrize(("services", "expected"), WATCHES)
def test_watches(services: list[t.Any], expected: list[tuple[str, str | None]]) -> None:
    assert [(watch.name, watch.deployment_id) for watch in module.watches_of(services)] == expected


RULE = "but has to be a name, or a dictionary with name and, if you like, deployment_id."
WRONG = [
    (["lotto", {"deployment_id": "ecs-svc/1"}], f"services: entry 2 is {{'deployment_id': 'ecs-svc/1'}}, {RULE}"),
    ([{"name": "a", "deployment": "1"}], f"services: entry 1 is {{'name': 'a', 'deployment': '1'}}, {RULE}"),
    ([""], f"services: entry 1 is {{'name': ''}}, {RULE}"),
    (["lotto", "hello", "lotto"], "services: lotto is listed more than once. List each service once."),
]


@pytest.mark.parametrize(("services", "sentence"), WRONG)
def test_wrong_services(services: list[t.Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="services: ") as caught:
        module.watches_of(services)
    assert str(caught.value) == sentence


def test_watches_go_on_from_an_earlier_slice() -> None:
    watch = Watch("lotto", "ecs-svc/1", phase="settling", expected=(70.0, 2.0))
    state = {**watch.state(), "expected": [70.0, 2.0]}
    assert module.watches_of(["lotto"], {"watches": [state]}) == [watch]


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
    error = RefusedError("DescribeServices", code, "DescribeServices: no.")
    expected = f"Can't watch the services. DescribeServices: no. {sentence}".strip()
    assert module.refused(error, "ap-northeast-2") == expected


def test_progress_goes_to_the_file_and_is_kept(tmp_path: Path) -> None:
    lines: list[str] = []
    report = module.reporter(str(tmp_path / "progress"), lines)
    report("one")
    report("two")
    assert (tmp_path / "progress").read_text(encoding="utf-8") == "one\ntwo\n"
    assert lines == ["one", "two"]


def test_a_wait_goes_on_without_the_file(tmp_path: Path) -> None:
    lines: list[str] = []
    module.reporter(str(tmp_path / "nowhere" / "progress"), lines)("one")
    assert lines == ["one"]


def test_the_message_ends_in_the_last_log_lines() -> None:
    result = {"message": "lotto: broken.", "next_step": "Mend it.", "log_lines": list("abcdefg")}
    assert module.told(result) == "lotto: broken. Mend it.\n    c\n    d\n    e\n    f\n    g"
