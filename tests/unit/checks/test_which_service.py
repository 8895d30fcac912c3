# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The service of a day-two playbook: the given one, or the only one, never one by accident."""

from __future__ import annotations

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

from tests.support.cloud import ROOT
from tests.unit.checks.test_playbooks import OPERATING, play

init_plugin_loader([str(ROOT / "playbooks" / "collections")])

PREFIX = "magiclub-an2p"
SHOP, WORKER = {"name": "shop", "image": trust_as_template("{{ nobody_has_this }}")}, {"name": "worker"}
ALONE = {"fargate_lotto": False, "fargate_services": [SHOP]}
BOTH = {"fargate_services": [SHOP]}
IMAGE = {"lotto_service_image": "nginx:1"}
ASKING = {"continue", "scale", "rollback", "run", "logs", "refresh"}
WHICH = {name for name in OPERATING if "vars/service.yml" in play(name).get("vars_files", [])}


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


def loaded(path):
    return trusted(yaml.safe_load((ROOT / "playbooks" / path).read_text(encoding="utf-8")))


def meant(name, **given):
    """Return the services of a playbook, or the message that refuses."""
    own = trusted(play(name).get("vars") or {})
    variables = {"fargate_name_prefix": PREFIX, **own, **loaded("vars/service.yml"), **given}
    templar = Templar(loader=DataLoader(), variables=variables)
    for task in loaded("tasks/service.yml")[1:]:
        check = task["ansible.builtin.assert"]
        if not templar.evaluate_conditional(check["that"]):
            return templar.template(check["fail_msg"]).strip()
    return templar.template(variables["operate_services"])


@pytest.mark.parametrize("name", sorted(ASKING))
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["lotto"]),
        ({"lotto_service_name": "lucky"}, ["lucky"]),
        (ALONE, ["shop"]),
        ({**ALONE, "service": ""}, ["shop"]),
        ({**BOTH, "service": "shop"}, ["shop"]),
        ({**BOTH, "service": f"{PREFIX}-shop"}, ["shop"]),
        ({**BOTH, "service": "gone"}, ["gone"]),
        ({"fargate_services": [{"name": f"{PREFIX}-x"}], "service": f"{PREFIX}-x"}, [f"{PREFIX}-x"]),
    ],
)
def test_the_service_that_is_given_or_the_only_one(name, given, expected):
    assert meant(name, **given) == [f"{PREFIX}-{one}" for one in expected]


@pytest.mark.parametrize("given", ["shop", "Web_API", None])
def test_a_service_that_was_taken_over_is_known_by_both_of_its_names(given):
    taken = {"fargate_lotto": False, "fargate_services": [{**SHOP, "names": {"service": "Web_API"}}]}
    assert meant("refresh", **taken, service=given) == ["Web_API"]


@pytest.mark.parametrize("name", sorted(ASKING))
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (BOTH, "service is not given, and there are lotto, shop. Say which, as in -e service=lotto."),
        (
            {"fargate_lotto": False, "fargate_services": [SHOP, WORKER]},
            "service is not given, and there are shop, worker. Say which, as in -e service=shop.",
        ),
        ({"fargate_lotto": "false"}, "service is not given, and there is none. Say which, as in -e service=NAME."),
        ({"fargate_lotto": False, "fargate_services": "shop"}, "service is not given, and there is none."),
        ({**BOTH, "service": "Shop"}, "service 'Shop' is not a valid name of a service"),
        ({**BOTH, "service": f"{PREFIX}-"}, f"service '{PREFIX}-' is not a valid name of a service"),
    ],
)
def test_no_service_is_taken_by_accident(name, given, sentence):
    assert str(meant(name, **given)).startswith(sentence)


def test_these_ask_and_the_others_mean_all_services():
    assert {name for name in WHICH if "are lotto, shop" in str(meant(name, **BOTH))} == ASKING
    assert {name for name in WHICH if meant(name, **BOTH) == []} == {"status", "verify"} == WHICH - ASKING
    assert meant("status", **BOTH, service=f"{PREFIX}-shop") == [f"{PREFIX}-shop"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**BOTH, **IMAGE}, [f"{PREFIX}-lotto"]),
        ({**BOTH, **IMAGE, "service": "shop"}, [f"{PREFIX}-shop"]),
        ({**ALONE, **IMAGE}, []),
    ],
)
def test_an_image_to_verify_is_lottos(given, expected):
    assert meant("verify", **given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"fargate_deployed": [f"{PREFIX}-shop"]}, [f"{PREFIX}-shop"]),
        ({"fargate_deployed": [f"{PREFIX}-shop", "other-lotto", f"{PREFIX}-x-lotto"]}, [f"{PREFIX}-shop"]),
        ({"fargate_deployed": []}, []),
        ({}, []),
        ({"fargate_deployed": [f"{PREFIX}-shop"], "service": "lotto"}, [f"{PREFIX}-lotto"]),
    ],
)
def test_an_undo_is_for_what_the_job_before_deployed(given, expected):
    assert meant("rollback", **BOTH, only_deployed=True, **given) == expected


def test_an_answer_is_for_what_the_job_before_deployed():
    assert meant("continue", **BOTH, fargate_deployed=[f"{PREFIX}-shop"]) == [f"{PREFIX}-shop"]
    assert meant("continue", **ALONE, fargate_deployed=["other-shop"]) == [f"{PREFIX}-shop"]


def test_an_undo_of_two_asks():
    deployed = [f"{PREFIX}-shop", f"{PREFIX}-lotto"]
    assert "there are lotto, shop" in meant("rollback", **BOTH, only_deployed=True, fargate_deployed=deployed)
