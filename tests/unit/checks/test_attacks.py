# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attacks with the deployer's keys, refused by docs/iam as the Service Authorization Reference evaluates them.

tests/e2e/test_attacks.py makes the same calls to a local AWS.
"""

from __future__ import annotations

import pytest

from local_aws import reference
from tests.campaigns.principals import deployers
from tests.checks import iam
from tests.checks.attacks import (
    ADMIN,
    ATTACKS,
    BOUNDARY,
    EXECUTION,
    IAM,
    IAM_FULL_ACCESS,
    OWN_BALANCER,
    OWN_ROLE,
    OWN_SERVICE,
    POSSIBLE,
    Others,
)
from tests.checks.iam_reference import Request, beyond, flaws, is_allowed
from tests.checks.policy_mutants import mutants, replaced
from tests.support.account import REGION
from tests.support.no_containers import PREFIX

OTHERS = Others.example()
BOUNDED = {"iam:PermissionsBoundary": BOUNDARY}
DEPLOYERS = deployers()
STATEMENTS = {statement["Sid"]: statement for document in DEPLOYERS for statement in document["Statement"]}
DENIES = [one for one in STATEMENTS.values() if one["Effect"] == "Deny"]


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


# each evaluated separately, so that neither of the two hides a hole of the other
ALLOWED = [policy(*(one for one in STATEMENTS.values() if one["Effect"] == "Allow"))]
DENIED = [policy(*DENIES), IAM_FULL_ACCESS]


def writes_to_identities():
    """Return every request to change a role, policy, user or group that is not the deployer's, by the reference."""
    arns = {
        "role": [f"{IAM}role{path}x" for path in (iam.OWN, iam.boundary.PATH)],
        "policy": [f"{IAM}policy{path}x" for path in (iam.OWN, iam.boundary.PATH)],
        "user": [f"{IAM}user/alice"],
        "group": [f"{IAM}group/admins"],
    }
    actions = [reference.action(name) for name in reference.actions_like("iam:*")]
    for action in actions:
        for kind in () if action.reads else action.types:
            rest = {f"{other.arn}": {} for other in action.types if other.required and other.family != kind.family}
            for arn in arns.get(kind.name, ()):
                yield Request(action.name, {**rest, arn: {}})


IDENTITIES = list(writes_to_identities())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused(attack):
    assert not is_allowed(DEPLOYERS, attack.request(OTHERS))
    assert not is_allowed(ALLOWED, attack.request(OTHERS))


@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.denied], ids=lambda attack: attack.name)
def test_whoever_attaches_iamfullaccess_too_is_refused(attack):
    assert is_allowed([IAM_FULL_ACCESS], attack.request(OTHERS))
    assert not is_allowed(DENIED, attack.request(OTHERS))


def test_no_write_to_an_identity_of_others_is_left_out_of_the_deny():
    assert len(IDENTITIES) > 80
    assert [request for request in IDENTITIES if is_allowed(DENIED, request)] == []


def test_every_resource_is_of_one_account_and_region():
    assert beyond(DEPLOYERS) == []


IDS = iam.committed(iam.IDS)
README = (iam.DOCS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("possible", POSSIBLE, ids=lambda possible: possible.name)
def test_what_is_possible_is_written_down_and_the_ids_narrow_it(possible):
    assert is_allowed(DEPLOYERS, possible.request)
    assert is_allowed([*DEPLOYERS, IDS], possible.request) is not possible.narrowed
    assert f"- **{possible.words}" in README


@pytest.mark.parametrize("statement", IDS["Statement"], ids=lambda statement: statement["Sid"])
def test_each_limit_of_the_ids_is_needed(statement):
    others = policy(*(one for one in IDS["Statement"] if one is not statement))
    narrowed = [possible.request for possible in POSSIBLE if possible.narrowed]
    assert any(is_allowed([*DEPLOYERS, others], request) for request in narrowed)


@pytest.mark.parametrize(
    ("action", "arn", "context"),
    [
        ("ecs:CreateService", OWN_SERVICE, {"ecs:subnet": iam.EXAMPLE_SUBNETS[:2]}),
        ("ecs:UpdateService", OWN_SERVICE, {}),
        (
            "elasticloadbalancing:CreateLoadBalancer",
            OWN_BALANCER,
            {
                "elasticloadbalancing:Subnet": iam.EXAMPLE_SUBNETS[:2],
                "elasticloadbalancing:SecurityGroup": [iam.EXAMPLE_GROUP],
            },
        ),
    ],
)
def test_what_a_run_does_in_its_network_is_not_refused_by_the_ids(action, arn, context):
    assert is_allowed([*DEPLOYERS, IDS], Request(action, {arn: {}}, context))


def test_a_namespace_by_its_id_can_not_be_another():
    """With Discovery as the README describes it after the first run."""
    own = [one for one in STATEMENTS["Discovery"]["Resource"] if ":namespace/" not in one]
    named = {**STATEMENTS["Discovery"], "Resource": [*own, f"arn:*:servicediscovery:{REGION}:*:namespace/ns-own"]}
    documents = replaced(DEPLOYERS, "Discovery", named)
    taken = [possible.request for possible in POSSIBLE if "namespace that was taken" in possible.name]
    assert len(taken) == 2
    assert not any(is_allowed(documents, request) for request in taken)


# Mutants that need not be noticed.
HARMLESS = {
    "ServiceLinkedRoles: arn:*:iam::000000000000:role/*/*": "AWS authorizes it on role/aws-service-role alone",
}


def noticed(sid, statement):
    """Return whether an attack is allowed after replacing the statement of a Sid, or the reference finds a flaw."""
    before = STATEMENTS[sid]
    if before["Effect"] == "Deny":
        documents = replaced(DENIED, sid, statement)
        requests = [*(one.request(OTHERS) for one in ATTACKS if one.denied), *IDENTITIES]
        return any(is_allowed(documents, request) for request in requests)
    if any(is_allowed(replaced(ALLOWED, sid, statement), request) for request in _requests(statement["Action"])):
        return True
    return bool(beyond([policy(statement)])) or set(flaws([policy(statement)])) > set(flaws([policy(before)]))


def _requests(actions):
    requests = [attack.request(OTHERS) for attack in ATTACKS]
    return [request for request in requests if request.action in actions]


MUTANTS = [
    (sid, what, made)
    for sid, statement in STATEMENTS.items()
    for what, made in mutants(statement)
    if not what.startswith(tuple(HARMLESS))
]


@pytest.mark.parametrize("sid", STATEMENTS)
def test_no_limit_of_a_policy_can_be_taken_off_unnoticed(sid):
    silent = [what for of, what, made in MUTANTS if of == sid and not noticed(sid, made)]
    assert silent == []


def test_there_are_limits_enough_to_take_off_and_what_is_harmless_is_one():
    assert len(MUTANTS) > 150
    every = [what for statement in STATEMENTS.values() for what, _made in mutants(statement)]
    assert [harmless for harmless in HARMLESS if not any(what.startswith(harmless) for what in every)] == []


def test_there_are_attacks_enough_and_each_is_another():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 25


@pytest.mark.parametrize(
    ("action", "arn", "context"),
    [
        ("CreateRole", f"{IAM}role/{OWN_ROLE}", BOUNDED),
        ("PutRolePolicy", f"{IAM}role/{OWN_ROLE}", BOUNDED),
        ("PutRolePermissionsBoundary", f"{IAM}role/{PREFIX}-unbounded", BOUNDED),
        ("AttachRolePolicy", f"{IAM}role/{OWN_ROLE}", {**BOUNDED, "iam:PolicyARN": EXECUTION}),
        ("PassRole", f"{IAM}role/{OWN_ROLE}", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        ("CreatePolicy", f"{IAM}policy/{PREFIX}-ecs-exec", {}),
        ("DeleteRole", f"{IAM}role/{OWN_ROLE}", BOUNDED),
    ],
)
def test_what_a_run_does_is_not(action, arn, context):
    assert is_allowed(DEPLOYERS, Request(f"iam:{action}", {arn: {}}, context))


def test_a_role_that_nobody_may_pass_has_no_other_way():
    assert not is_allowed(
        DEPLOYERS,
        Request("iam:PassRole", {f"{IAM}role/{ADMIN}": {}}, {"iam:PassedToService": "ec2.amazonaws.com"}),
    )
