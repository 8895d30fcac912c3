# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inputs of layers as one plan of several has them."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.magiclub.fargate.plugins.action import plan
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import platform
from ansible_collections.magiclub.fargate.plugins.plugin_utils import layers
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import Inputs

URI = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-shop@sha256:1f"
IMAGE = trust_as_template("{{ ecr_push_info.image.uri | default('(known after build)', true) }}")
SHOP = [{"name": "shop", "image": IMAGE, "port": 8090}]
VARIABLES = {
    "fargate_name_prefix": "magiclub-an2p",
    "fargate_region": "ap-northeast-2",
    "fargate_tags": {"Project": "magiclub"},
    "fargate_services": SHOP,
    "fargate_service_services": SHOP,
    "ecr_push_app": "shop",
    "ecr_push_build": {"path": "."},
    "ansible_check_mode": False,
}


def image_of(layer: str, uri: str | None, state: str = "present") -> str:
    """Return the image of a service that is planned beside the one that is built, with what was read of that."""
    variables = {**VARIABLES, "fargate_service_state": state}
    loader = DataLoader()
    inputs = Inputs(Templar(loader=loader, variables=variables), loader, variables)
    registry, services = inputs.asked("ecr_push"), inputs.asked(layer)
    assert services.inputs["services"][0]["image"] == "(known after build)"
    image = {"tag": "1f", "digest": uri and "sha256:1f", "uri": uri}
    read = {"wrong": [], "resources": [], "repository": None, "image": image, "scanned_by_registry": False}
    action = plan.ActionModule.__new__(plan.ActionModule)
    _registry, found = action._with_image(inputs, [registry, services], {registry.place: {"ecr_push": read}})
    return found.inputs["services"][0]["image"]


@pytest.mark.parametrize("layer", ["services", "fargate_service"])
@pytest.mark.parametrize("uri", [URI, None])
def test_a_service_has_the_image_that_the_plan_found_or_its_stand_in(layer, uri):
    assert image_of(layer, uri) == (uri or "(known after build)")


def test_a_service_that_goes_needs_no_image():
    assert image_of("services", URI, state="absent") == "(known after build)"


LOTTO = {**VARIABLES, "fargate_private_domain": "magiclub.internal", "ecr_push_image": ""}


def inputs_with(**given):
    variables = {**LOTTO, **given}
    loader = DataLoader()
    return Inputs(Templar(loader=loader, variables=variables), loader, variables)


ALL = ["vpc", "ecr_push", "lotto_service", "services"]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, ALL),
        ({"fargate_lotto": True}, ALL),
        ({"fargate_lotto": trust_as_template("{{ 'yes' }}")}, ALL),
        ({"fargate_lotto": False}, ["vpc", "services"]),
        ({"fargate_lotto": "false"}, ["vpc", "services"]),
        # what there is of its image goes
        ({"fargate_lotto": False, "ecr_push_state": "absent"}, ["vpc", "ecr_push", "services"]),
    ],
)
def test_lotto_is_left_out_by_one_variable(given, left):
    assert inputs_with(**given).of_platform(ALL) == left


def test_a_service_that_is_built_has_a_repository_of_its_own():
    built = [{"name": "shop", "build": {"path": ".", "platform": "linux/arm64"}}]
    layer = inputs_with(fargate_services=built, ecr_push_keep_images="3").asked("services")
    assert layer.inputs["repository"]["image_tag_mutability"] == "IMMUTABLE"
    assert layer.inputs["repository"]["lifecycle_policy"]["rules"][-1]["selection"]["countNumber"] == 3
    assert platform.queries([layer])[layer.place]["services"]["repositories"] == {"shop": {"build": built[0]["build"]}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "magiclub-an2p-shop"),
        ({"ecr_push_app": "lotto"}, "magiclub-an2p-lotto"),
        ({"ecr_push_repository": "ours"}, "ours"),
        ({"fargate_lotto": False}, ""),
    ],
)
def test_the_repository_of_lotto_is_no_services(given, expected):
    inputs = inputs_with(**given)
    assert inputs.repository_of_lotto() == expected
    gone = inputs_with(**given, fargate_service_state="absent").asked("services")
    read = platform.queries([gone])[gone.place]["services"]["repositories"]
    assert read == ({} if expected == "magiclub-an2p-shop" else {"shop": {"all_images": True}})


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({}, []),
        ({"lotto_service_memroy": 1}, ["lotto_service_memroy is not an input of the role"]),
        ({"fargate_lotto": "nope"}, ["fargate_lotto is the text 'nope', and has to be true or false."]),
        ({"fargate_loto": False}, ["fargate_loto is not a variable of the collection"]),
        ({"fargate_permissions": "x"}, ["fargate_permissions is not a variable of the collection"]),
        # what lotto takes of the role below it
        ({"fargate_service_lookup_fresh": "nope"}, ["fargate_service_lookup_fresh is the text 'nope', and has to be"]),
        ({"fargate_run": {}, "fargate_planned": {}, "fargate_service_info": {}, "my_lotto": 1}, []),
    ],
)
def test_a_wrong_switch_is_told(given, sentences):
    found = inputs_with(**given).wrong_options(["lotto_service"])
    assert [one[: len(start)] for one, start in zip(found, sentences, strict=True)] == sentences


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ({}, set()),
        ({"ansible_play_hosts_all": ["poc"]}, set()),
        ({"ansible_play_hosts_all": ["poc", "prod", "bastion"]}, {"magiclub-an2prod"}),
    ],
)
def test_a_variable_of_the_other_hosts(hosts, expected):
    of_each = {"poc": {"fargate_name_prefix": "magiclub-an2p"}, "prod": {"fargate_name_prefix": "magiclub-an2prod"}}
    known = {**VARIABLES, **hosts, "inventory_hostname": "poc", "hostvars": {**of_each, "bastion": {}}}
    loader = DataLoader()
    inputs = Inputs(Templar(loader=loader, variables=known), loader, known)
    assert inputs.of_other_hosts("fargate_name_prefix") == expected


def test_what_layers_of_services_have_in_common_is_worked_out_once(monkeypatch):
    inputs, worked_out = inputs_with(), []
    real = layers._templated
    monkeypatch.setattr(layers, "_templated", lambda _t, name, value: worked_out.append(name) or real(_t, name, value))
    asked = [inputs.asked(name) for name in ("services", "alb", "services", "ecs_cluster", "lotto_service", "ecr_push")]
    assert asked[0].inputs["below"]["alb"]["domain"] == asked[1].inputs["domain"] == ""
    for name in ("ecr_push_docker_host", "alb_domain", "__ecs_cluster_used_namespaces", "fargate_tags"):
        assert worked_out.count(name) == 1, name
    # that of lotto, and what those of services have in common
    assert worked_out.count("__ecr_push_repository") == 2


LAYERS = ["vpc", "alb", "ecs_cluster", "ecr_push"]


@pytest.mark.parametrize("layer", LAYERS)
def test_each_option_of_a_role_is_an_input_of_its_layer(layer):
    found = inputs_with().of_layer(layer)
    options = {name.removeprefix(f"{layer}_") for name in layers.options_of(layers.ROLES / layer)}

    assert options <= found.keys()
    assert (found["region"], found["vpc_id"], found["below"]["vpc"]["apps_subnet_ids"]) == ("ap-northeast-2", "", [])


def test_what_a_role_works_out_stands_beside_its_options():
    cluster, image = (inputs_with().of_layer(name) for name in ("ecs_cluster", "ecr_push"))
    assert cluster["used_namespaces"] == ["magiclub.internal"]
    assert cluster["cluster_name"] == ""
    assert image["repository"]["name"] == "magiclub-an2p-shop"
    assert (image["check_mode"], len(image["key"])) == (False, 64)


@pytest.mark.parametrize("name", ["services", "lotto_service", "fargate_service"])
def test_services_know_in_which_network_the_load_balancer_is(name):
    given = {"vpc_id": "vpc-0a1b2c3d", "alb_vpc_name_prefix": "shared-an2p"}
    below = inputs_with(**given).asked(name).inputs["below"]["alb"]
    assert (below["vpc_id"], below["vpc_name_prefix"]) == ("vpc-0a1b2c3d", "shared-an2p")


def test_an_option_of_a_role_is_worked_out_once_to_be_checked(monkeypatch):
    inputs, worked_out = inputs_with(), []
    real = inputs.templated
    monkeypatch.setattr(
        inputs, "templated", lambda options, variables: worked_out.extend(options) or real(options, variables)
    )
    assert inputs.wrong_options(["vpc"]) == []
    assert worked_out.count("vpc_cidr_block") == 1
