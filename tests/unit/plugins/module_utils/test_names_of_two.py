# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever the names of two services, either their resources have different names or they are refused.

Names are derived, so C(web) may have a resource with the name of one of the service C(web-alt).
"""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    connect,
    desired,
    priorities,
    strategy,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names

from tests.unit.plugins.module_utils.service_definitions import (
    PLATFORM,
    PREFIX,
    backend,
    job,
    problems,
    service,
    worker,
)

HEADER = {"header": {"name": "X-Release", "values": ["green"]}}
CONNECT = {"port_name": "http"}
SCALED = {"min": 1, "max": 3, "cpu": 50, "schedules": [{"name": "night", "cron": "0 22 ? * * *", "max": 1}]}
PORTS = {"rules": [{"paths": ["/*"]}, {"paths": ["/admin"], "port": 9090}]}
SIDECAR = {"sidecars": [{"name": "proxy", "image": "p:1", "port": 9090}]}
QUEUE = {"queue": {"dead_letter": {"max_receives": 3}}}
CA = "arn:aws:acm-pca:ap-northeast-2:123456789012:certificate-authority/1"
TLS = {**CONNECT, "tls": {"issuing_ca": CA}}

KINDS = {
    "rolling": lambda name: service(name=name, secrets={"A": "/a"}, autoscaling=SCALED, service_discovery=True),
    "ports": lambda name: service(name=name, **PORTS, **SIDECAR),
    "shifting": lambda name: service(name=name, deployment={"strategy": "blue_green", "test": HEADER}),
    "connected": lambda name: backend(name=name, service_connect=TLS, service_discovery=True),
    "queue": lambda name: worker(name=name, **QUEUE),
    "job": lambda name: job(name=name, secrets={"A": "/a"}),
    "built": lambda name: worker(name=name, image=None, build={"path": "."}),
}  # fmt: skip
ENDS = (
    *("alt", "test", "shift", "connect", "schedule", "task", "execution", "sg", "dead"),
    *("9090", "8080", "2", "cpu", "night", "ecs", "http", "sg-sg", "task-task", "alt-9090"),
)


def owned(definition):
    """Return type and name of all resources of a service, including those that AWS creates."""
    info = {"rules": [], "services": {}}
    (ruled,) = priorities.with_priorities([definition], PREFIX, info)
    names = Names.of(PREFIX, definition)
    made = {(one["type"], one["name"]) for one in desired.resources(ruled, PLATFORM, {})}
    # each scalable target has its own
    made = {(kind, name) for kind, name in made if kind not in ("scaling_policy", "scheduled_action")}
    if strategy.shifts(definition):
        made |= {("target_group", names.alternate)}
    if definition["build"]:
        made |= {("ecr_repository", names.repository)}
    if connect.offers(definition):
        made |= {("cloud_map_service", f"{names.endpoint}.{connect.namespace(definition, PLATFORM)}")}
    return made


@pytest.mark.parametrize("kinds", list(itertools.product(KINDS, KINDS)), ids=" and ".join)
def test_two_services_share_no_resource_or_are_refused(kinds):
    one, other = (KINDS[kind] for kind in kinds)
    assert problems(one("web")) == problems(other("api")) == []
    for end in ENDS:
        first, second = one("web"), other(f"web-{end}")
        both = owned(first) & owned(second)
        said = [
            sentence for sentence in problems(first, second) if "named" in sentence or "name of another" in sentence
        ]
        assert bool(said) or not both, (end, both)


@pytest.mark.parametrize(
    ("name", "tagged", "is_webs"),
    [
        ("web", "web", True),
        ("web", "None", True),
        ("web-alt", "web", True),
        ("web-alt", "None", True),
        # the first target group of the service web-alt
        ("web-alt", "web-alt", False),
        ("web-9090", "web", True),
        ("web-9090", "web-9090", False),
        ("web-9090", "None", False),
    ],
)
def test_the_owner_of_a_target_group_that_two_services_could_have(name, tagged, is_webs):
    names = Names(PREFIX, "web")
    tag = tagged if tagged == "None" else f"{PREFIX}-{tagged}"
    assert names.is_group(f"{PREFIX}-{name}", tag) is is_webs
    assert names.is_queue(f"{PREFIX}-{name.replace('alt', 'dead')}", tag.replace("alt", "dead")) is (
        is_webs and "9090" not in name
    )


def test_a_resource_taken_over_belongs_to_its_service_whatever_its_tag():
    given = {"target_group": "legacy", "alternate_target_group": "legacy-2", "queue": "legacy-work"}
    names = Names(PREFIX, "web", given)
    assert names.is_group("legacy-2", "legacy-2")
    assert names.is_queue("legacy-work-dead", "legacy-work-dead")


def test_the_name_of_a_queue_has_no_effect_on_target_groups():
    names = Names(PREFIX, "web", {"queue": "work"})
    assert not names.is_group(f"{PREFIX}-web-alt", f"{PREFIX}-web-alt")
    assert names.is_group(f"{PREFIX}-web-alt", f"{PREFIX}-web")


def test_a_dead_letter_queue_with_the_name_of_another_queue_is_refused():
    first, second = (
        worker(name="web", names={"queue": "work"}, **QUEUE),
        worker(name="api", queue={"name": "work-dead"}),
    )
    (said,) = problems(first, second)
    assert "work-dead" in said
