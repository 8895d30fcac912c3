# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import decide, lock

NOW = datetime.datetime(2026, 11, 22, 15, 0, tzinfo=datetime.UTC)
ME = {"who": "me@here", "machine": "here/boot", "pid": 7, "run": "here/7", "since": "2026-11-22T15:00:00Z"}
OTHER = {"who": "you@here", "machine": "here/boot", "pid": 8, "run": "here/8", "since": "2026-11-22T14:59:00Z"}
ELSEWHERE = {**OTHER, "who": "awx@there", "machine": "there/boot", "run": "there/8", "job": "4711"}


@pytest.mark.parametrize(
    ("holder", "age", "alive", "force", "expected"),
    [
        pytest.param(ME, 10, True, False, decide.OURS, id="our own, renewed"),
        pytest.param(ME, 9999, True, False, decide.OURS, id="our own, old"),
        pytest.param(OTHER, 10, True, False, decide.HELD, id="alive on this machine"),
        pytest.param(OTHER, 10, False, False, decide.STALE, id="dead on this machine"),
        pytest.param(ELSEWHERE, 10, False, False, decide.HELD, id="its process id says nothing here"),
        pytest.param(ELSEWHERE, 3600, True, False, decide.HELD, id="just not too old"),
        pytest.param(ELSEWHERE, 3601, True, False, decide.STALE, id="too old"),
        pytest.param(OTHER, 10, True, True, decide.STALE, id="forced"),
        pytest.param({"who": "unknown"}, 10, False, False, decide.HELD, id="unreadable"),
    ],
)
def test_verdict(holder, age, alive, force, expected):
    assert decide.verdict(holder, ME, age, 3600, lambda pid: alive, force) == expected


def test_refusal_names_who_since_when_and_what_to_do():
    assert decide.refusal("magiclub-an2p", ELSEWHERE, 3600) == (
        "Another run holds magiclub-an2p: awx@there (process 8, job 4711), since 2026-11-22T14:59:00Z."
        " Wait until it has ended. If it is dead, its hold ends 60 minutes after its last sign of life,"
        " or at once with -e platform_lock_break=true."
    )


@pytest.mark.parametrize("value", ["", "no json", "[]", "7"])
def test_an_unreadable_value_has_a_holder_of_no_name(value):
    assert decide.holder_of(value)["who"] == "unknown"


class Parameters:
    """SSM's rules: a create of what exists fails, a write counts the version up, a delete starts anew."""

    def __init__(self, *values):
        self.values = [json.dumps(value) for value in values]
        self.before_overwrite = []

    def create(self, client, name, value):
        if self.values:
            return False
        self.values.append(json.dumps(value))
        return True

    def read(self, client, name):
        if not self.values:
            return None
        return {"Value": self.values[-1], "Version": len(self.values), "LastModifiedDate": NOW}

    def overwrite(self, client, name, value):
        if self.before_overwrite:
            self.before_overwrite.pop(0)()
        self.values.append(json.dumps(value))
        return len(self.values)

    def restore(self, client, name, version):
        if version <= len(self.values):
            self.values.append(self.values[version - 1])

    def delete(self, client, name):
        self.values.clear()

    def holder(self):
        return json.loads(self.values[-1]) if self.values else None


def take(parameters, alive=True, force=False):
    lock.take(
        parameters,
        None,
        "/magiclub-an2p/lock",
        ME,
        prefix="magiclub-an2p",
        max_age=3600,
        alive=lambda pid: alive,
        now=lambda: NOW,
        force=force,
    )


def test_a_free_lock_is_taken():
    parameters = Parameters()
    take(parameters)
    assert parameters.holder() == ME


def test_a_held_lock_is_refused_and_left_as_it_is():
    parameters = Parameters(OTHER)
    with pytest.raises(lock.Held, match="you@here"):
        take(parameters)
    assert parameters.values == [json.dumps(OTHER)]


def test_the_lock_of_a_dead_run_is_taken_over():
    parameters = Parameters(OTHER)
    take(parameters, alive=False)
    assert parameters.holder() == ME


def test_of_two_that_take_a_stale_lock_over_the_first_has_it():
    parameters = Parameters(ELSEWHERE)
    first = {**OTHER, "run": "there/9", "who": "first@there", "machine": "there/boot"}
    parameters.before_overwrite.append(lambda: parameters.values.append(json.dumps(first)))
    with pytest.raises(lock.Held, match="first@there"):
        take(parameters, force=True)
    assert parameters.holder() == first


def test_a_stale_lock_that_is_left_meanwhile_is_taken():
    parameters = Parameters(ELSEWHERE, ELSEWHERE)
    parameters.before_overwrite.append(parameters.values.clear)
    take(parameters, force=True)
    assert parameters.holder() == ME


def test_a_lock_that_never_rests_is_given_up():
    parameters = Parameters()
    parameters.create = lambda *args: False
    with pytest.raises(lock.Held, match="changed hands 5 times"):
        take(parameters)


def test_ours_is_renewed():
    parameters = Parameters(ME)
    take(parameters)
    assert parameters.values == [json.dumps(ME)] * 2


@pytest.mark.parametrize(("holder", "left"), [(ME, True), (OTHER, False), (None, False)])
def test_only_ours_is_left(holder, left):
    parameters = Parameters(*([holder] if holder else []))
    assert lock.leave(parameters, None, "/magiclub-an2p/lock", ME) is left
    assert parameters.holder() == (None if left else holder)
