# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the callback quiet leaves out of Ansible's default output, and that -v brings it back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.amazon.aws.plugins.modules import iam_role

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
  ansible.builtin.set_fact:
    x: x
  changed_when: true
- name: Change something else
  ansible.builtin.set_fact:
    x: x
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


def test_what_is_done_is_shown_task_after_task_and_a_failure_apart(tmp_path: Path) -> None:
    lines = output(tmp_path, "there is none")
    [first] = [number for number, line in enumerate(lines) if line.startswith("TASK [Change something]")]
    told = [(line.startswith("TASK ["), bool(line)) for line in lines[first - 1 : first + 5]]
    empty, banner, line = (False, False), (True, True), (False, True)
    assert told == [empty, banner, line, banner, line, empty]


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


DEPRECATING = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"text": {"type": "str"}})
module.deprecate(module.params["text"], date="2026-05-01", collection_name="amazon.aws")
module.exit_json(changed=True)
"""
UNUSED = "In a release after 2026-05-01 iam_role.assume_role_policy_document_raw will no longer be returned."
OTHER = "In a release after 2026-05-01 iam_role.path will no longer be returned."
DEPRECATED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - deprecating: {text: "{{ text }}"}
      when: not loops
    - deprecating: {text: "{{ item }}"}
      loop: ["{{ text }}"]
      when: loops
"""


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize(
    ("text", "options", "is_shown"), [(UNUSED, [], False), (OTHER, [], True), (UNUSED, ["-v"], True)]
)
def test_what_warns_of_a_value_that_nothing_reads_is_left_out(
    tmp_path: Path, text: str, options: list[str], is_shown: bool, loops: bool
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "deprecating.py").write_text(DEPRECATING, encoding="utf-8")
    (tmp_path / "play.yml").write_text(DEPRECATED, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(tmp_path / "play.yml"), *options]
    given = json.dumps({"text": text, "loops": loops})
    done = subprocess.run([*command, "-e", given], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("DEPRECATION WARNING" in done.stderr + done.stdout) is is_shown


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
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(tmp_path / name), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert (done.stdout.splitlines() == ["https://x.example.com"]) is alone, done.stdout
    for told in ("PLAY [localhost]", "PLAY RECAP", "hello does not serve"):
        assert told in (done.stderr if alone else done.stdout), done.stderr
    assert "Callback dispatch" not in done.stderr
