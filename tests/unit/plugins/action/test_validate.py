# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleActionFail
from ansible.template import trust_as_template
from ansible_collections.magiclub.fargate.plugins.action import validate
from ansible_collections.magiclub.fargate.plugins.plugin_utils import layers

from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.whole_platform import LAYERS

VPC = LAYERS["vpc"]


@pytest.mark.parametrize("check", [True, False])
def test_good_inputs_change_nothing(run_action, check):
    result, lines = run_action(validate, {"kind": "vpc", "values": VPC}, check=check)
    assert result["changed"] is False
    assert lines == []


def test_every_sentence_is_said(run_action):
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"kind": "vpc", "values": {**VPC, "zones": [], "cidr_block": "8.8.0.0/16"}})
    assert [line.split()[0] for line in error.value.message.splitlines()] == ["vpc_zones", "vpc_cidr_block"]


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("team", ["R&D", "Kim, Lee", "Ops (Seoul)", "x" * 300])
def test_a_tag_that_aws_refuses_is_refused_before_the_first_write_of_a_run(run_action, kind, team):
    given = copy.deepcopy(LAYERS[kind])
    (given["repository"] if kind == "ecr_push" else given)["tags"]["Team"] = team
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"kind": kind, "values": given})
    assert error.value.message.startswith("Tag Team: '")
    assert "Change fargate_team." in error.value.message


@pytest.mark.parametrize("hosts", [[], ["poc"]])
def test_an_inventory_without_a_host_chose_no_platform(run_action, hosts):
    if not hosts:
        with pytest.raises(AnsibleActionFail, match="no platform was chosen, and nothing was done"):
            run_action(validate, {"inventory": True}, variables={"groups": {"all": hosts}})
        return
    result, _lines = run_action(validate, {"inventory": True}, variables={"groups": {"all": hosts}})
    assert result["changed"] is False


def test_what_is_wrong_in_the_inputs_own_words_is_said_alone(run_action):
    given = {**LAYERS["alb"], "name_prefix": "x" * 30, "tags": {"Team": "R&D"}}
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"kind": "alb", "values": given})
    assert error.value.message.startswith("alb_name_prefix: ")


@pytest.mark.parametrize(
    ("role", "name", "meant"),
    [
        ("vpc", "vpc_natt", "vpc_nat"),
        ("vpc", "vpc_zone", "vpc_zones"),
        ("vpc", "vpc_cidr", "vpc_cidr_block"),
        ("lotto_service", "lotto_service_memroy", "lotto_service_memory"),
        ("alb", "alb_internal", "alb_scheme"),
        ("alb", "alb_waf", "alb_arn or alb_web_acl_arn"),
        ("vpc", "vpc_private_subnets", "vpc_apps_subnets"),
        ("vpc", "vpc_peer_id", "vpc_apps_subnet_ids or vpc_id"),
        ("lotto_service", "lotto_service_desired", "lotto_service_desired_count or lotto_service_desired_count_policy"),
    ],
)
def test_a_name_that_is_nearly_an_input_is_refused(run_action, role, name, meant):
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {}, variables={"role_path": str(ROOT / "roles" / role), name: 1})
    assert error.value.message == (
        f"{name} is not an input of the role {role}, so nothing would read it. Did you mean {meant}?"
        " If it is a variable of your own, rename it."
    )


@pytest.mark.parametrize(
    "name", ["vpc_flow_logs", "vpc_info", "vpc_started", "my_vpc_natt", "alb_domains", "vpc_peer_id", "vpc_peering"]
)
def test_other_names_are_nobodys_business(run_action, name):
    variables = {"vpc_peer_id": 1, "peers": ["{{ vpc_peer_id }}"], "vpc_peering": {"changed": True}, name: 1}
    variables |= {"vpc_peering": {"changed": True}, "role_path": str(ROOT / "roles" / "vpc")}
    result, _lines = run_action(validate, {}, variables=variables)
    assert result["changed"] is False


@pytest.mark.parametrize("variables", [{"vpc_natt": 1}, {"vpc_natt": 1, "role_path": "/nowhere/roles/vpc"}])
def test_without_an_argument_spec_no_name_is_known(run_action, variables):
    result, _lines = run_action(validate, {}, variables=variables)
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("role", "name", "text", "wrong", "right"),
    [
        ("vpc", "vpc_gateway_endpoints", "s3", "is the text 's3', and has to be a list", '["s3"]'),
        (
            "alb",
            "alb_allowed_cidrs",
            "10.0.0.0/8, ::/0",
            "is the text '10.0.0.0/8, ::/0', and has to be a list",
            '["10.0.0.0/8", "::/0"]',
        ),
        ("vpc", "vpc_zones", '["a1"]', "is the text '[\"a1\"]', and has to be a list", '["a1"]'),
        (
            "vpc",
            "vpc_zones",
            trust_as_template("{{ 'a,' ~ 'b' }}"),
            "is the text 'a,b', and has to be a list",
            '["a", "b"]',
        ),
        (
            "lotto_service",
            "lotto_service_environment",
            "PASSWORD=hunter2",
            "is text, and has to be a dictionary",
            '{"KEY": "VALUE"}',
        ),
        ("alb", "alb_test_ports", "8443, 9443", "is text, and has to be a list", "[8443, 9443]"),
        ("lotto_service", "lotto_service_others", "hunter2", "is text, and has to be a list", '[{"KEY": "VALUE"}]'),
    ],
)
@pytest.mark.parametrize("extra", [True, False])
def test_text_where_a_list_or_a_dictionary_has_to_be_is_refused_alone(
    run_action, monkeypatch, role, name, text, wrong, right, extra
):
    monkeypatch.setattr(layers, "load_extra_vars", lambda _loader: {name: text} if extra else {})
    variables = {"role_path": str(ROOT / "roles" / role), name: text, f"{role}_statee": 1}
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {}, variables=variables)
    step = f"Give it as -e '{{\"{name}\": {right}}}'." if extra else f"Write it as {name}: {right}."
    assert error.value.message == f"{name} {wrong}. {step}"


@pytest.mark.parametrize("value", [["a1", "b1"], trust_as_template("{{ ['a1'] }}")])
def test_a_list_however_it_came_is_one(run_action, value):
    result, _lines = run_action(validate, {}, variables={"role_path": str(ROOT / "roles" / "vpc"), "vpc_zones": value})
    assert result["changed"] is False


def test_names_and_values_are_told_together(run_action):
    arguments = {"kind": "vpc", "values": {**VPC, "zones": []}}
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, arguments, variables={"role_path": str(ROOT / "roles" / "vpc"), "vpc_zone": ["x"]})
    assert [line.split()[0] for line in error.value.message.splitlines()] == ["vpc_zone", "vpc_zones"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"_raw_params": "Team"}, "'Team' got lost from -e: a value with spaces needs quotes of its own, as in"),
        (
            {"ansible_run_tags": ["vpcs", "all"]},
            "No task has the tag 'vpcs'. Nothing was changed. The layers are vpc, alb.",
        ),
        ({"ansible_skip_tags": ["a", "b"]}, "No task has the tag 'a', 'b'."),
        ({"plan_must_be_empty": "true"}, "plan_must_be_empty is for a plan: give --check, too."),
    ],
)
def test_what_ansible_says_nothing_of_is_refused(run_action, monkeypatch, given, sentence):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: given)
    options = {"options": ["plan_must_be_empty"], "tags": ["vpc", "alb"], "only_in_check_mode": ["plan_must_be_empty"]}
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, options, variables=given)
    assert len(error.value.message.splitlines()) == 1
    assert error.value.message.startswith(sentence)


@pytest.mark.parametrize(
    ("given", "check"),
    [
        ({"ansible_run_tags": ["all"], "ansible_skip_tags": ["molecule-notest"]}, False),
        ({"ansible_run_tags": ["alb", "always"]}, False),
        ({"plan_must_be_empty": True}, True),
        ({"plan_must_be_empty": "no"}, False),
    ],
)
def test_what_has_a_meaning_is_taken(run_action, monkeypatch, given, check):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: given)
    options = {"options": ["plan_must_be_empty"], "tags": ["vpc", "alb"], "only_in_check_mode": ["plan_must_be_empty"]}
    result, _lines = run_action(validate, options, check=check, variables=given)
    assert result["changed"] is False


def test_a_playbook_without_layers_has_no_tags(run_action):
    with pytest.raises(AnsibleActionFail, match="This playbook has no layers: leave out --tags and --skip-tags"):
        run_action(validate, {"options": ["service"]}, variables={"ansible_run_tags": ["vpc"]})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        # Ansible takes any text that it does not know for false: a run that was to ask would not
        ("ask", "ture", "ask is the text 'ture', and has to be true or false. Change ask."),
        ("ask", "yess", "ask is the text 'yess', and has to be true or false. Change ask."),
        ("prune", [True], "prune is a list, and has to be true or false. Change prune."),
        ("platform_lock_break", 2, "platform_lock_break is read as the number 2, and has to be true or false."),
        ("plan_id", {"a": 1}, "plan_id is a dictionary, and has to be text."),
        ("plan_file", ["x"], "plan_file is a list, and has to be text."),
        ("destroy_wait_timeout", "2m", "destroy_wait_timeout is the text '2m', and has to be a whole number."),
        # the module that waits takes whole ones, and runs once all is removed
        ("destroy_wait_timeout", "90.5", "destroy_wait_timeout is the text '90.5', and has to be a whole number."),
        ("run_timeout", "inf", "run_timeout is the text 'inf', and has to be a whole number."),
        ("destroy_wait_timeout", -1, "destroy_wait_timeout -1 is out of range: 0 or more seconds."),
        ("platform_lock_renew_after", "nan", "platform_lock_renew_after nan is out of range: 0 or more seconds."),
        ("platform_lock_renew_after", True, "platform_lock_renew_after is read as true, and has to be a number."),
        ("ask", "yes", ""),
        ("ask", "False", ""),
        ("ask", 1, ""),
        # a survey of AWX hands over what was left empty
        ("ask", "", ""),
        ("ask", None, ""),
        ("destroy_wait_timeout", "", ""),
        ("destroy_wait_timeout", "90", ""),
        ("destroy_wait_timeout", 0, ""),
        ("platform_lock_renew_after", "0.5", ""),
        ("plan_id", "4f2a", ""),
    ],
)
def test_an_option_that_is_not_what_it_has_to_be_is_refused(run_action, monkeypatch, name, value, says):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: {name: value})
    if not says:
        assert run_action(validate, {"options": [name]}, variables={name: value})[0]["given"] == [name]
        return
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"options": [name]}, variables={name: value})
    assert error.value.message.startswith(says)


OPTIONS = ["lotto_service_image", "service", "revision", "min_capacity", "max_capacity", "platform_lock_break"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["servcie"], ["service"]),
        (["services"], ["service"]),
        (["revison", "service"], ["revision"]),
        (["min"], ["min_capacity"]),
        (["m_capacity"], ["min_capacity or max_capacity"]),
        (["revison", "servcie"], ["revision", "service"]),
        (["revision", "service"], []),
        (["awx_job_id", "fargate_services", "lotto_service_image", "region"], []),
        (["lotto_service_cpu", "lotto_service_name"], []),
        (["lotto_service_imgae", "lotto_service_name"], ["lotto_service_image"]),
        ([], []),
    ],
)
def test_an_option_that_is_nearly_one_of_the_playbooks_is_refused(run_action, monkeypatch, given, meant):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: dict.fromkeys(given, 1))
    inventory = {"srvice": 1, "revisions": [], "min": 0}
    if not meant:
        result, _lines = run_action(validate, {"options": OPTIONS}, variables=inventory)
        assert result["given"] == given
        return
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"options": OPTIONS}, variables=inventory)
    wrong = [name for name in given if name not in (*OPTIONS, "lotto_service_name")]
    assert error.value.message.splitlines() == [
        f"{name} is not an option of this playbook, so nothing would read it. Did you mean {one}?"
        " If it is a variable of your own, rename it."
        for name, one in zip(wrong, meant, strict=True)
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("fargate_loto", "fargate_lotto"),
        ("fargate_service", "fargate_services"),
        ("fargate_permission_boundary", "fargate_permissions_boundary"),
        ("fargate_name", "fargate_name_prefix"),
        ("fargate_enviroment", "fargate_environment"),
    ],
)
def test_a_playbook_knows_the_variables_of_the_collection(run_action, monkeypatch, name, meant):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: {})
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"platform": True}, variables={name: 1, meant: 1})
    assert error.value.message == (
        f"{name} is not a variable of the collection, so nothing would read it. Did you mean {meant}?"
        " If it is a variable of your own, rename it."
    )


PLATFORM = {
    "fargate_project": "magiclub",
    "fargate_region": "ap-northeast-2",
    "fargate_environment": "PoC",
    "fargate_team": "DevOps",
    "fargate_owner": "ops@example.com",
}


@pytest.mark.parametrize("name", ["fargate_planned", "fargate_result", "fargate_service_own", "fargate_deployed", "x"])
def test_other_variables_are_nobodys_business(run_action, monkeypatch, name):
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: {})
    found = run_action(validate, {"platform": True}, variables={**PLATFORM, name: 1})[0]
    assert found["changed"] is False


@pytest.mark.parametrize(
    ("given", "inventory", "said"),
    [
        (
            {"region": "us-east-1"},
            {},
            [
                "region is read by nothing: it is neither an option of this playbook nor an input of a role, and no"
                " variable of the inventory refers to it. Did you mean fargate_region or fargate_service_region?"
                " Correct it, or leave it out."
            ],
        ),
        (
            {"colour": "red"},
            {"other": "{{ colours }}", "fargate_team": "colour"},
            [
                "colour is read by nothing: it is neither an option of this playbook nor an input of a role, and no"
                " variable of the inventory refers to it. Correct it, or leave it out."
            ],
        ),
        ({"colour": "red"}, {"hello_service": {"environment": {"A": ["{{ colour | upper }}"]}}}, []),
        ({"colour": "red", "shade": "{{ colour }}"}, {"other": "{{ shade }}"}, []),
        ({"check": True}, {}, ["check is read by nothing: it is an option of ansible-playbook. Give it as --check."]),
        ({"dry_run": 1}, {}, ["dry_run is read by nothing: it is an option of ansible-playbook. Give it as --check."]),
        ({"limit": "a"}, {}, ["limit is read by nothing: it is an option of ansible-playbook. Give it as --limit."]),
        (
            {"skip_tags": "a"},
            {},
            ["skip_tags is read by nothing: it is an option of ansible-playbook. Give it as --skip-tags."],
        ),
        ({"ansible_python_interpreter": "/usr/bin/python3", "fargate_plan": {}}, {}, []),
    ],
)
def test_what_nothing_reads_is_refused_of_the_command_line(run_action, monkeypatch, given, inventory, said):
    flags = ("check", "diff", "subset", "skip_tags")
    monkeypatch.setattr(validate, "load_extra_vars", lambda _loader: given)
    monkeypatch.setattr(validate.context, "CLIARGS", dict.fromkeys(flags))
    if not said:
        run_action(validate, {"options": OPTIONS}, variables={**inventory, **given})
        return
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"options": OPTIONS}, variables={**inventory, **given})
    assert error.value.message.splitlines() == said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, []),
        ({"fargate_domain": None, "fargate_endpoint_url": "", "fargate_lotto": "no"}, []),
        ({"fargate_endpoint_url": "http://127.0.0.1:4566/", "fargate_tags": {"A": "b"}}, []),
        ({"fargate_region": None}, ["fargate_region is null, and has to be text. Give it a value."]),
        (
            {"fargate_endpoint_url": "127.0.0.1:4566", "fargate_domain": "here"},
            [
                "fargate_domain: 'here' is not a domain name. Write one as in lotto.your.company.com.",
                "fargate_endpoint_url '127.0.0.1:4566' is not the address of a local AWS: http:// or https://, host and"
                ' port, as http://127.0.0.1:4566. Write "" for AWS itself.',
            ],
        ),
        (
            {"fargate_lotto": "maybe"},
            ["fargate_lotto is the text 'maybe', and has to be true or false. Change fargate_lotto."],
        ),
        (
            {"fargate_tags": ["a"]},
            ['fargate_tags is a list, and has to be a dictionary. Write it as fargate_tags: {"KEY": "VALUE"}.'],
        ),
        (
            {"lotto_serivce_cpu": 256},
            [
                "lotto_serivce_cpu is read by nothing. Did you mean lotto_service_cpu?"
                " If it is a variable of your own, rename it."
            ],
        ),
        ({"hello_service_cpu": 256, "web_tags": {}, "__vpc_natt": 1}, []),
    ],
)
def test_the_variables_of_all_layers_are_checked_first(run_action, variables, said):
    given = {**PLATFORM, **variables}
    if not said:
        run_action(validate, {"platform": True}, variables=given)
        return
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"platform": True}, variables=given)
    assert error.value.message.splitlines() == said


@pytest.mark.parametrize(
    ("given", "source", "said"),
    [
        (
            {},
            "localhost,",
            "Host 'here' has no fargate_project, fargate_region, fargate_environment, fargate_team, fargate_owner."
            " Give an inventory with group_vars/all/main.yml beside its hosts, as in -i inventories/poc.",
        ),
        (
            {},
            str(ROOT / "inventories"),
            "Host 'here' has no fargate_project, fargate_region, fargate_environment, fargate_team, fargate_owner."
            f" That is a folder of inventories: give one of them, as in -i {ROOT / 'inventories/local'},"
            f" or -i {ROOT / 'inventories/poc'}.",
        ),
        (
            {key: value for key, value in PLATFORM.items() if key != "fargate_owner"},
            str(ROOT / "inventories" / "poc"),
            "Host 'here' has no fargate_owner. Set it in its group_vars/all/main.yml.",
        ),
    ],
)
def test_a_host_that_is_no_platform_is_told_as_such(run_action, given, source, said):
    variables = {**given, "inventory_hostname": "here", "ansible_inventory_sources": [source]}
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"platform": True}, variables=variables)
    assert error.value.message == said
