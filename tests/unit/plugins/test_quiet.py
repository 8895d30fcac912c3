# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the callback quiet leaves out of Ansible's default output, and that -v brings it back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cloud import ROOT

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
  ansible.builtin.debug:
    msg: x
  changed_when: true
"""


def output(folder: Path, again: str, *options: str, first: str = "there is none") -> list[str]:
    (folder / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "more.yml").write_text(MORE, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml"), *options]
    variables = json.dumps({"first": first, "again": again})
    done = subprocess.run([*command, "-e", variables], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    return (done.stdout + done.stderr).splitlines()


def test_what_is_included_is_not_shown_and_a_failure_is_shown_once(tmp_path: Path) -> None:
    lines = output(tmp_path, "there is none")
    assert not any("included:" in line or "Include them" in line for line in lines)
    assert any("Change something" in line for line in lines)
    assert sum("there is none" in line for line in lines) == 1
    assert not any("Origin:" in line for line in lines)


def test_a_failure_of_several_lines_is_shown_once(tmp_path: Path) -> None:
    lines = output(tmp_path, "there is none\n    and no other", first="there is none\nand no other")
    assert sum("and no other" in line for line in lines) == 1


def test_a_failure_is_its_message_on_a_line_and_with_v_all_that_was_returned(tmp_path: Path) -> None:
    assert "fatal: [localhost]: FAILED! => there is none" in output(tmp_path, "there is none")
    assert "    changed: false" in output(tmp_path, "there is none", "-v")


def test_a_rescue_that_says_more_is_shown(tmp_path: Path) -> None:
    lines = output(tmp_path, "there is none, as the role lacks ec2:DescribeVpcs")
    assert sum("there is none" in line for line in lines) == 2


@pytest.mark.parametrize("shown", ["included:", "Fail again", "Origin:"])
def test_with_v_it_is_the_default_output(tmp_path: Path, shown: str) -> None:
    assert any(shown in line for line in output(tmp_path, "there is none", "-v"))
