# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""However an acceptance run ends, it says truly whether something is left that costs money, and removes it."""

from __future__ import annotations

import subprocess

import pytest

from tests.aws import __main__ as acceptance


class Sts:
    def get_caller_identity(self):
        return {"Account": "123456789012"}


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run main() with a run() that fails by I(error), after its beginning or not; return code, output, removals."""
    monkeypatch.delenv("MAGICLUB_ENDPOINT", raising=False)
    monkeypatch.setattr(acceptance, "FOLDER", acceptance.ROOT / "build" / "test-aws-unit" / tmp_path.name)
    monkeypatch.setattr(acceptance.boto3.Session, "client", lambda *_a, **_k: Sts())
    monkeypatch.setattr(acceptance.Acceptance, "prepare", lambda _self: None)
    monkeypatch.setattr(acceptance, "Recorder", lambda *_arguments: None)
    monkeypatch.setattr(acceptance.signal, "signal", lambda *_arguments: None)

    def main(error, *arguments, began=True, removed=False, removal=None):
        removals = []

        def fail(self):
            self.began, self.removed = began, removed
            raise error

        def destroy(self):
            removals.append(self.prefix)
            if removal:
                raise removal

        monkeypatch.setattr(acceptance.Acceptance, "run", fail)
        monkeypatch.setattr(acceptance.Acceptance, "destroy", destroy)
        code = acceptance.main(["--region", "ap-northeast-2", "--confirm", "mctest-an2t", *arguments])
        return code, capsys.readouterr().out, removals

    return main


@pytest.mark.parametrize(
    "error",
    [
        acceptance.FailedError("update: site.yml ended with 2: no"),
        KeyboardInterrupt(),
        KeyError("LoadBalancers"),
        LookupError("2 VPCs"),
        OSError("disk full"),
        subprocess.TimeoutExpired("ansible-playbook", 5400),
        SystemExit(3),
    ],
)
def test_whatever_ends_it_the_platform_is_removed(run, error):
    code, said, removals = run(error)
    assert (code, removals) == (1, ["mctest-an2t"])
    assert "It is removed." in said


def test_a_removal_that_fails_says_what_still_costs_money_and_how_to_remove_it(run):
    code, said, _removals = run(KeyError("x"), removal=acceptance.FailedError("destroy: no"))
    assert code == 1
    assert "It is NOT removed, and costs money: destroy: no" in said
    assert "-e confirm=mctest-an2t -e ecr_push_force_delete=true" in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"began": False}, "Nothing was made."),
        ({"removed": True}, "destroy.yml had ended well before that"),
    ],
)
def test_it_removes_nothing_that_is_not_there(run, state, said):
    _code, text, removals = run(acceptance.FailedError("left: a VPC"), **state)
    assert removals == []
    assert said in text


def test_it_keeps_the_platform_if_asked(run):
    _code, text, removals = run(acceptance.FailedError("update: no"), "--keep")
    assert removals == []
    assert "mctest-an2t is still there, and costs money." in text


def test_it_begins_only_with_the_prefix(run, monkeypatch):
    code, text, removals = run(KeyError("x"), "--project", "other")
    assert (code, removals) == (2, [])
    assert "'mctest-an2t' is not other-an2t: nothing was begun." in text
