# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has a colour of ours, where Ansible's output has colours, and that it has none elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import render, run
from ansible_collections.magiclub.fargate.plugins.plugin_utils import show

from tests.support.cloud import ROOT

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Show what each tells
      magiclub.fargate.show:
        lines: ["+ made", "~ changed", "- gone", "serves", "fails", "perhaps", "plain", "as plain"]
        tones: [add, change, remove, well, wrong, doubt, ""]
    - name: Differ
      differing: {}
      diff: true
"""
# an action, which needs no process of its own
DIFFERING = r"""
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"changed": True, "diff": [{"prepared": "~ vpc x\n    - a: 1\n    + a: 2\n"}]}
"""
GREEN, YELLOW, RED, PURPLE = "0;32", "0;33", "0;31", "1;35"
COLOURED = [
    (GREEN, "+ made"),
    (YELLOW, "~ changed"),
    (RED, "- gone"),
    (GREEN, "serves"),
    (RED, "fails"),
    (PURPLE, "perhaps"),
    (YELLOW, "~ vpc x"),
    (RED, "    - a: 1"),
    (GREEN, "    + a: 2"),
]
NONE = {"ANSIBLE_NOCOLOR": None, "NO_COLOR": None, "ANSIBLE_FORCE_COLOR": None}


def output(folder: Path, **environment: str | None) -> str:
    (folder / "action_plugins").mkdir()
    (folder / "action_plugins" / "differing.py").write_text(DIFFERING, encoding="utf-8")
    (folder / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    given = {**os.environ, **NONE, "ANSIBLE_LOG_PATH": str(folder / "log"), **environment}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml")]
    env = {name: value for name, value in given.items() if value is not None}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.program
def test_each_line_has_the_colour_of_what_it_tells(tmp_path: Path) -> None:
    text = output(tmp_path, ANSIBLE_FORCE_COLOR="1")
    for code, line in COLOURED:
        assert f"\x1b[{code}m{line}\x1b[0m" in text.splitlines(), line
    assert "plain" in text.splitlines()
    assert "as plain" in text.splitlines()
    logged = [line for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines() if "+ made" in line]
    assert logged and "\x1b" not in logged[0]


@pytest.mark.program
def test_a_colour_is_that_of_the_configuration(tmp_path: Path) -> None:
    text = output(tmp_path, ANSIBLE_FORCE_COLOR="1", ANSIBLE_COLOR_DIFF_ADD="blue")
    assert "\x1b[0;34m+ made\x1b[0m" in text


@pytest.mark.program
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"ANSIBLE_NOCOLOR": "1"}], ids=str)
def test_a_pipe_and_who_wants_none_gets_no_colour(tmp_path: Path, environment: dict[str, str]) -> None:
    text = output(tmp_path, **environment)
    assert "\x1b" not in text
    assert {line for _code, line in COLOURED} <= set(text.splitlines())


def test_every_tone_has_a_colour() -> None:
    assert sorted(show.COLOURS) == sorted(tone.TONES)
    assert all(show.colour(one) for one in tone.TONES)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (tone.Line("steady", tone.WELL), ("steady", tone.WELL)),
        ("steady", ("steady", "")),
        ("rude\x1fsteady", ("rude\x1fsteady", "")),
    ],
)
def test_a_line_keeps_its_tone_from_the_module_to_the_plugin(line: str, expected: tuple[str, str]) -> None:
    found = tone.unpacked(tone.packed(line, tone.of(line)))
    assert (str(found), found.tone) == expected


CHANGES = [
    {"action": action, "type": "vpc", "name": action, "id": None, "fields": [], "values": {}, "sensitive": []}
    for action in ("add", "change", "remove")
]


@pytest.mark.parametrize(
    ("check", "left", "last"),
    [(False, [], tone.WELL), (True, [], tone.DOUBT), (False, CHANGES[:1], tone.WRONG)],
)
def test_a_summary_tells_how_the_run_ended(check: bool, left: list[object], last: str) -> None:
    seen = run.with_layer(None, "vpc", CHANGES, check, 0)
    if left:
        seen = run.with_left(seen, {"vpc": {"changes": left}})
    told = {str(line).strip(): tone.of(line) for line in render.summary(seen, "", {}, 1)}
    assert told[render.headline(seen) + ("" if check else " 1 s.")] == last
    if left:
        assert told["not done: + vpc add"] == tone.WRONG
        assert told["~ vpc change"] == tone.CHANGE
