# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import types

import pytest
from ansiblelint.file_utils import Lintable

from tests.checks import ansible_lint

PLAY = "- name: Play\n  hosts: localhost\n  tasks:\n    - name: Say\n      ansible.builtin.debug:\n"
TASK = "- name: Say\n  ansible.builtin.debug:\n"
WRONG = "- name: Say\n  ansible.builtin.debug:\n  no_such_keyword: 1\n"


@pytest.mark.parametrize(
    ("play", "task", "well"), [(PLAY, TASK, True), (f"{PLAY}  x: 1\n", TASK, False), (PLAY, WRONG, False)]
)
def test_one_start_of_ansible_sees_whether_playbooks_and_roles_are_well(play, task, well, tmp_path):
    role = tmp_path / "roles" / "other"
    (role / "tasks").mkdir(parents=True)
    (role / "tasks" / "main.yml").write_text(task, encoding="utf-8")
    paths = {"first.yml": PLAY, "second.yml": play}
    for name, text in paths.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [Lintable(tmp_path / name, kind="playbook") for name in paths]
    assert ansible_lint.is_well([*files, Lintable(role, kind="role")], os.environ) is well


@pytest.mark.parametrize(("well", "found"), [(True, []), (False, [["a"], ["b"]])])
def test_each_is_looked_at_by_itself_if_not_all_is_well(well, found, monkeypatch):
    monkeypatch.setattr(ansible_lint, "_EACH", lambda _runner, look, files: [look(file) for file in files])
    monkeypatch.setattr(ansible_lint, "is_well", lambda _files, _environment: well)
    runner = types.SimpleNamespace(app=types.SimpleNamespace(runtime=types.SimpleNamespace(environ={})))
    assert ansible_lint._at_once(runner, lambda file: [file], ["a", "b"]) == found
