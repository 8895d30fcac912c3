# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedules that set the bounds of a service's scaling: planned, compared, sent, and never reset."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    deploying,
    desired,
    scaling_schedules,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, job, service

NIGHT = {"name": "night", "cron": "0 22 ? * * *", "timezone": "Asia/Seoul", "min": 0, "max": 1}
DAY = {"name": "day", "cron": "0 7 ? * * *", "timezone": "Asia/Seoul", "min": 2, "max": 8}
NAMES = Names(PREFIX, "web")


def scaled(*schedules, low=2, high=8):
    return service(autoscaling={"min": low, "max": high, "cpu": 60, "schedules": list(schedules)})


def described(name, schedule, low=None, high=None, zone="Asia/Seoul"):
    """An action as AWS describes it."""
    sets = {"MinCapacity": low, "MaxCapacity": high}
    return {
        "ScheduledActionName": f"{FULL}-{name}",
        "ScheduledActionARN": f"arn:{name}",
        "Schedule": schedule,
        **({"Timezone": zone} if zone else {}),
        "ScalableTargetAction": {key: value for key, value in sets.items() if value is not None},
    }


def there(*actions, low=2, high=8):
    """Return the state of the service's scaling."""
    target = {"type": "scalable_target", "name": FULL, "id": "service/x", "values": {}}
    target["values"] = {"min_capacity": low, "max_capacity": high}
    return {"resources": [target, *map(scaling_schedules.found_of, actions)], "ids": {}}


AS_IT_IS = (described("night", "cron(0 22 ? * * *)", 0, 1), described("day", "cron(0 7 ? * * *)", 2, 8))
SALE = {"name": "sale", "at": "2099-12-24T18:00:00", "timezone": "Asia/Seoul", "min": 20, "max": 40}
OF_SALE = described("sale", "at(2099-12-24T18:00:00)", 20, 40)


def changes(definition, found):
    kinds = ("scalable_target", scaling_schedules.TYPE)
    wanted = [one for one in desired.resources(definition, PLATFORM, found) if one["type"] in kinds]
    has = [one for one in found["resources"] if one["type"] in kinds]
    without_tags = [{**one, "values": {k: v for k, v in one["values"].items() if k != "tags"}} for one in wanted]
    return {
        (change["action"], change["name"].removeprefix(f"{FULL}-"), tuple(field["path"] for field in change["fields"]))
        for change in compare.changes(without_tags, has)
    }


def test_an_action_is_planned_for_each_schedule():
    made = {one["name"]: one["values"] for one in desired.resources(scaled(NIGHT, DAY), PLATFORM, {})}
    assert made[f"{FULL}-night"] == {
        "schedule": "cron(0 22 ? * * *)",
        "timezone": "Asia/Seoul",
        "capacity": {"min_capacity": 0, "max_capacity": 1},
    }
    at = scaled(
        {"name": "sale", "at": "2099-12-24T18:00:00", "min": 4}, {"name": "often", "rate": "12 hours", "max": 9}
    )
    assert [(one["schedule"], sorted(one.keys() - {"name"})) for one in scaling_schedules.actions(at, NAMES)] == [
        ("at(2099-12-24T18:00:00)", ["min_capacity", "schedule", "timezone"]),
        ("rate(12 hours)", ["max_capacity", "schedule", "timezone"]),
    ]


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        pytest.param((NIGHT, DAY), there(*AS_IT_IS), set(), id="no change"),
        pytest.param((NIGHT, DAY), there(AS_IT_IS[0]), {("add", "day", ())}, id="one is missing"),
        pytest.param((NIGHT,), there(*AS_IT_IS), {("remove", "day", ())}, id="one is not desired"),
        pytest.param(
            ({**NIGHT, "cron": "0 23 ? * * *"}, DAY),
            there(*AS_IT_IS),
            {("change", "night", ("schedule",))},
            id="another time",
        ),
        pytest.param(
            ({**NIGHT, "timezone": "UTC"}, DAY),
            there(*AS_IT_IS),
            {("change", "night", ("timezone",))},
            id="another time zone",
        ),
        pytest.param(
            ({**NIGHT, "max": None}, DAY),
            there(*AS_IT_IS),
            {("change", "night", ("capacity.max_capacity",))},
            id="a bound that is not set",
        ),
        pytest.param(
            ({**NIGHT, "timezone": "UTC"},),
            there(described("night", "cron(0 22 ? * * *)", 0, 1, zone=None)),
            set(),
            id="a time zone of none is UTC",
        ),
        pytest.param((NIGHT, DAY), there(*AS_IT_IS, low=0, high=1), set(), id="bounds set by the night are no drift"),
        pytest.param((NIGHT, DAY), there(*AS_IT_IS, low=0, high=8), set(), id="nor is one of them"),
        pytest.param(
            (NIGHT, DAY),
            there(*AS_IT_IS, low=5, high=20),
            {("change", FULL, ("min_capacity", "max_capacity"))},
            id="other bounds are",
        ),
        pytest.param(
            (),
            there(low=0, high=1),
            {("change", FULL, ("min_capacity", "max_capacity"))},
            id="without schedules the bounds are those of the service",
        ),
    ],
)
def test_a_plan_shows_differences_and_resets_nothing_that_a_schedule_has_set(wanted, found, expected):
    assert changes(scaled(*wanted), found) == expected


@pytest.mark.parametrize(
    ("sale", "has", "low", "high"),
    [
        pytest.param({}, OF_SALE, 20, 40, id="bounds that it has set"),
        pytest.param({"max": 50}, OF_SALE, 20, 50, id="it sets another upper bound now"),
        pytest.param({"min": 30}, OF_SALE, 30, 40, id="it sets another lower bound now"),
        pytest.param({"min": 2, "max": None}, OF_SALE, 2, 8, id="it sets no upper bound any more"),
        pytest.param({"max": None}, OF_SALE, 2, 8, id="a lower bound over that of the service, which AWS refuses"),
        pytest.param({"max": 50}, described("sale", "at(2099-12-24T18:00:00)", 1, 2), 2, 8, id="neither bound"),
    ],
)
def test_bounds_set_by_a_schedule_follow_it_and_never_contradict_each_other(sale, has, low, high):
    wanted, found = scaled(NIGHT, {**SALE, **sale}), there(AS_IT_IS[0], has, low=20, high=40)
    (target,) = (one for one in desired.resources(wanted, PLATFORM, found) if one["type"] == "scalable_target")
    assert (target["values"]["min_capacity"], target["values"]["max_capacity"]) == (low, high)
    given = handed(wanted, found)
    assert (given["min_capacity"], given["max_capacity"]) == (low, high)


def test_scheduled_actions_of_others_are_ignored():
    assert not NAMES.is_scheduled_action("nightly") and NAMES.is_scheduled_action(f"{FULL}-night")


def handed(definition, found):
    return arguments.scaling(definition, {**PLATFORM, "name_prefix": PREFIX}, found)


def test_the_module_gets_actions_removals_and_the_effective_bounds():
    given = handed(scaled(NIGHT), there(*AS_IT_IS, low=0, high=1))
    assert [one["name"] for one in given["scheduled_actions"]] == [f"{FULL}-night"]
    assert given["absent_scheduled_actions"] == [f"{FULL}-day"]
    assert (given["min_capacity"], given["max_capacity"]) == (0, 1)


def test_without_schedules_the_module_gets_none():
    assert not {"scheduled_actions", "absent_scheduled_actions"} & handed(scaled(), there()).keys()


@pytest.mark.parametrize(
    "change",
    [
        {"type": scaling_schedules.TYPE, "name": f"{FULL}-night", "action": "add", "values": {}},
        {"type": scaling_schedules.TYPE, "name": f"{FULL}-day", "action": "remove", "values": {}},
    ],
)
def test_a_changed_schedule_deploys_the_scaling(change):
    found = {**there(*AS_IT_IS), "full_name": FULL}
    (deployment,) = deploying.deployments(
        [scaled(NIGHT)], PLATFORM, {"services": {"web": found}}, {"changes": [change]}
    )
    assert deployment["scaling"]["absent_scheduled_actions"] == [f"{FULL}-day"]
    assert deployment["service"] is None


NOON_OF_SALE = datetime.datetime(2099, 12, 24, 9, 0, tzinfo=datetime.UTC)  # 18:00 in Seoul


@pytest.mark.parametrize(
    ("found", "seconds", "is_over"),
    [
        ((), -1, False),
        ((), 0, True),
        ((), 3600, True),
        # an existing action stays, even after its time
        ((OF_SALE,), 3600, False),
        ((described("sale", "at(2099-12-24T18:00:00)", 1, 40),), 3600, True),
        ((described("sale", "at(2099-12-24T18:00:00)", 1, 40),), -1, False),
    ],
)
def test_a_past_one_time_action_is_left_out_with_a_warning(found, seconds, is_over):
    now = NOON_OF_SALE + datetime.timedelta(seconds=seconds)
    wanted = scaled(NIGHT, SALE)
    known = scaling_schedules.with_passed([wanted], PREFIX, {"web": there(*found)}, now)
    assert list(scaling_schedules.expired(wanted, PREFIX, known["web"], now)) == [
        "Service 'web': autoscaling.schedules: 'sale' is at 2099-12-24T18:00:00 Asia/Seoul, which has passed, and there"
        " is no such action, so it is left out. Take it out of the inventory, or change at."
    ] * int(is_over)
    sale = (scaling_schedules.TYPE, f"{FULL}-sale")
    asked = {(one["type"], one["name"]) for one in desired.resources(wanted, PLATFORM, known["web"])}
    assert (sale in asked) is not is_over
    given = handed(wanted, known["web"])
    assert ("at(2099-12-24T18:00:00)" in {one["schedule"] for one in given["scheduled_actions"]}) is not is_over
    # another action under its name is no longer desired
    assert given.get("absent_scheduled_actions", []) == [f"{FULL}-sale"] * int(is_over and bool(found))


def test_bounds_set_by_a_one_time_action_stay_after_it_is_gone():
    wanted, later = scaled(NIGHT, SALE), NOON_OF_SALE + datetime.timedelta(days=1)
    known = scaling_schedules.with_passed([wanted], PREFIX, {"web": there(AS_IT_IS[0], low=20, high=40)}, later)
    assert changes(wanted, known["web"]) == set()


@pytest.mark.parametrize(
    ("cron", "timezone", "is_over"),
    [
        ("0 22 24 12 ? 2025", "Asia/Seoul", True),
        ("0 22 ? * * *", "Asia/Seoul", False),
        # 22:00 in Seoul is 13:00 in UTC
        ("0 22 30 11 ? 2026", "Asia/Seoul", True),
        ("0 22 30 11 ? 2026", "UTC", False),
    ],
)
def test_a_schedule_that_never_runs_again_gives_a_warning(cron, timezone, is_over):
    now = datetime.datetime(2026, 11, 30, 14, 0, tzinfo=datetime.UTC)
    one = {**NIGHT, "cron": cron, "timezone": timezone}
    said = f"has the cron '{cron}', which does not come again. Change it, or take it out."
    assert list(scaling_schedules.expired(scaled(one), PREFIX, {}, now)) == [
        f"Service 'web': autoscaling.schedules: 'night' {said}"
    ] * int(is_over)
    report = job({"cron": cron, "timezone": timezone}, name="report")
    told = [f"Service 'report': schedule {said}"]
    assert list(scaling_schedules.expired(report, PREFIX, {}, now)) == told * int(is_over)
    assert list(scaling_schedules.expired(service(), PREFIX, {}, now)) == []
