# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the callback quiet leaves out of Ansible's default output, and that -v brings it back."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.amazon.aws.plugins.modules import iam_role

from tests.support.cloud import ROOT

pytestmark = pytest.mark.program

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Include them
      ansible.builtin.include_tasks: more.yml
    - name: Try it
      block:
        - name: Fail at first
          ansible.builtin.fail:
            msg: "{{ first }}"
      rescue:
        - name: Fail again
          ansible.builtin.fail:
            msg: "{{ again }}"
"""
MORE = """
- name: Change something
  ansible.builtin.set_fact:
    x: x
  changed_when: true
- name: Change something else
  ansible.builtin.set_fact:
    x: x
  changed_when: true
"""


def ran(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(path), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class Output(t.Protocol):
    def __call__(self, again: str, *options: str, first: str = "there is none") -> list[str]: ...


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The lines of a run, which several tests read: each is run once."""
    folder = tmp_path_factory.mktemp("quiet")
    (folder / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "more.yml").write_text(MORE, encoding="utf-8")

    @functools.cache
    def lines(again: str, *options: str, first: str = "there is none") -> list[str]:
        done = ran(folder / "play.yml", *options, "-e", json.dumps({"first": first, "again": again}))
        assert done.returncode == 2, done.stderr
        return (done.stdout + done.stderr).splitlines()

    return lines


def test_what_is_included_is_not_shown_and_a_failure_is_shown_once(output: Output) -> None:
    lines = output("there is none")
    assert not any("included:" in line or "Include them" in line for line in lines)
    assert any("Change something" in line for line in lines)
    assert sum("there is none" in line for line in lines) == 1
    assert not any("Origin:" in line for line in lines)


def test_what_is_done_is_shown_task_after_task_and_a_failure_apart(output: Output) -> None:
    lines = output("there is none")
    [first] = [number for number, line in enumerate(lines) if line.startswith("TASK [Change something]")]
    told = [(line.startswith("TASK ["), bool(line)) for line in lines[first - 1 : first + 5]]
    empty, banner, line = (False, False), (True, True), (False, True)
    assert told == [empty, banner, line, banner, line, empty]


def test_a_failure_of_several_lines_is_shown_once(output: Output) -> None:
    lines = output("there is none\n    and no other", first="there is none\nand no other")
    assert sum("and no other" in line for line in lines) == 1


def test_a_failure_is_its_message_on_a_line_and_with_v_all_that_was_returned(output: Output) -> None:
    assert "fatal: [localhost]: FAILED! => there is none" in output("there is none")
    assert "    changed: false" in output("there is none", "-v")


def test_a_rescue_that_says_more_is_shown(output: Output) -> None:
    lines = output("there is none, as the role lacks ec2:DescribeVpcs")
    assert sum("there is none" in line for line in lines) == 2


@pytest.mark.parametrize("shown", ["included:", "Fail again", "Origin:"])
def test_with_v_it_is_the_default_output(output: Output, shown: str) -> None:
    assert any(shown in line for line in output("there is none", "-v"))


WAITING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Wait for it
      block:
        - name: Look again and again
          ansible.builtin.command: "false"
          register: looked
          until: looked is success
          retries: 3
          delay: 0
          loop: [first]
      rescue:
        - name: Fail again
          ansible.builtin.fail:
            msg: "{{ ansible_failed_result.results[0].msg }}"
"""


def test_what_waits_is_shown_once_and_what_fails_of_a_loop_once(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(WAITING, encoding="utf-8")
    done = ran(tmp_path / "play.yml")
    assert done.returncode == 2
    shown = done.stdout + done.stderr
    assert "RETRYING" not in shown
    assert [line for line in shown.splitlines() if "Look again" in line and not line.startswith("TASK")] == [
        "  [localhost] Look again and again (0 s)"
    ]
    assert shown.count("non-zero return code") == 1
    assert "Origin:" not in shown
    assert ran(tmp_path / "play.yml", "-v").stdout.count("FAILED - RETRYING") == 3


DEPRECATING = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"text": {"type": "str"}})
module.deprecate(module.params["text"], date="2026-05-01", collection_name="amazon.aws")
module.exit_json(changed=True)
"""
UNUSED = "In a release after 2026-05-01 iam_role.assume_role_policy_document_raw will no longer be returned."
OTHERS = [f"In a release after 2026-05-01 iam_role.{key} will no longer be returned." for key in ("path", "role_id")]
# Ansible shows a text once, so that of a task and of a loop differ
DEPRECATED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - deprecating: {text: "{{ unused }}"}
    - deprecating: {text: "{{ item }}"}
      loop: ["{{ unused }}"]
    - deprecating: {text: "{{ others.0 }}"}
    - deprecating: {text: "{{ item }}"}
      loop: ["{{ others.1 }}"]
"""


@pytest.mark.parametrize(("options", "expected"), [((), [False, True, True]), (("-v",), [True, True, True])])
def test_what_warns_of_a_value_that_nothing_reads_is_left_out(
    tmp_path: Path, options: tuple[str, ...], expected: list[bool]
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "deprecating.py").write_text(DEPRECATING, encoding="utf-8")
    (tmp_path / "play.yml").write_text(DEPRECATED, encoding="utf-8")
    done = ran(tmp_path / "play.yml", *options, "-e", json.dumps({"unused": UNUSED, "others": OTHERS}))
    assert done.returncode == 0, done.stdout + done.stderr
    shown = " ".join((done.stdout + done.stderr).split())
    assert [f"[DEPRECATION WARNING]: {text}" in shown for text in (UNUSED, *OTHERS)] == expected


def test_amazon_aws_still_warns_whatever_its_options_are() -> None:
    source = Path(iam_role.__file__).read_text(encoding="utf-8")
    main = source.partition("\ndef main():")[2]
    # at the level of main: without a condition
    assert f'\n    module.deprecate(\n        "{UNUSED.partition(" will")[0]}' in main


ASKED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - magiclub.fargate.show: {lines: [https://x.example.com]}
      changed_when: true
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.fail: {msg: hello does not serve}
"""


@pytest.mark.parametrize(
    ("name", "options", "alone"),
    [("status.yml", ["-e", "output=address"], True), ("status.yml", [], False), ("x.yml", ["-e", "output=a"], False)],
)
def test_the_one_value_that_status_is_asked_for_has_stdout_alone(
    tmp_path: Path, name: str, options: list[str], alone: bool
) -> None:
    (tmp_path / name).write_text(ASKED, encoding="utf-8")
    done = ran(tmp_path / name, *options)
    assert done.returncode == 2
    assert (done.stdout.splitlines() == ["https://x.example.com"]) is alone, done.stdout
    for told in ("PLAY [localhost]", "PLAY RECAP", "hello does not serve"):
        assert told in (done.stderr if alone else done.stdout), done.stderr
    assert "Callback dispatch" not in done.stderr
