# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a run: the page and the picture, and what keeps in memory what ran when."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.action import report
from ansible_collections.magiclub.fargate.plugins.plugin_utils import files
from ansible_collections.magiclub.fargate.plugins.plugin_utils.timeline import Timeline

from tests.support.cloud import ROOT

NODES = [
    {"id": "n0", "type": "vpc", "name": "x-vpc", "layer": "vpc", "action": "add"},
    {"id": "n1", "type": "subnet", "name": "x-a1", "layer": "vpc", "action": "add"},
]
PLAN = {"graph": {"nodes": NODES, "edges": [["n1", "n0"]]}, "layers": {"vpc": {"changes": []}}}
SEVERAL = {"inventory_hostname": "poc", "ansible_play_hosts_all": ["poc", "prod"]}


def test_a_page_and_a_picture_are_for_their_owner_and_become_artifacts(run_action, tmp_path):
    page, picture = tmp_path / "run.html", tmp_path / "platform.svg"
    result, lines = run_action(report, {"report": str(page), "graph": str(picture), "plan": PLAN, "title": "x-an2p"})
    assert "<h1>x-an2p</h1>" in page.read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (page, picture)] == [0o600, 0o600]
    assert lines == [f"Written: {page}", f"Written: {picture}"]
    told = {"fargate_report": str(page), "fargate_graph": str(picture)}
    artifacts = {name: {"path": path} for name, path in told.items()}
    assert (result["changed"], result["files"], result["ansible_stats"]["data"]) == (False, told, artifacts)


def test_what_came_before_the_plan_is_in_the_timeline_too(run_action, tmp_path, monkeypatch):
    # the clock of the summary starts with the plan's end
    monkeypatch.setattr(report, "of_this_run", lambda *_: {"started": 50.0, "layers": {}, "check": False})
    now = iter([10.0, 40.0, 60.0, 110.0])
    kept = Timeline(lambda: next(now))
    for one in (task("1", "Read the platform"), task("2", "Make it")):
        kept.start("poc", one)
        kept.end("poc", one, {"changed": True})
    monkeypatch.setattr(report, "RUN", kept)
    run_action(report, {"report": str(tmp_path / "run.html"), "plan": PLAN}, variables={"inventory_hostname": "poc"})
    page = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert re.findall(r"left:([-\d.]+)%;width:([\d.]+)%", page) == [("0.00", "30.00"), ("50.00", "50.00")]


def test_the_ending_says_the_form(run_action, tmp_path):
    run_action(report, {"graph": str(tmp_path / "platform.mmd"), "plan": PLAN})
    assert (tmp_path / "platform.mmd").read_text(encoding="utf-8").startswith("flowchart LR\n")


def test_a_relative_path_is_of_where_the_run_was_started(run_action, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result, _lines = run_action(report, {"report": "run.html"})
    assert result["files"] == {"fargate_report": str(tmp_path / "run.html")}


def test_each_of_several_hosts_has_a_file_of_its_own(run_action, tmp_path):
    result, lines = run_action(report, {"report": str(tmp_path / "run.html")}, variables=SEVERAL)
    assert result["files"] == {"fargate_report": str(tmp_path / "run.poc.html")}
    assert lines == [f"[poc] Written: {tmp_path / 'run.poc.html'}"]
    assert result["ansible_stats"]["data"]["fargate_report"]["hosts"]["poc"]["path"] == str(tmp_path / "run.poc.html")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"report": "run.pdf"},
            "report 'run.pdf' does not end in .html, by which its form is known. Give it as in -e report=run.html.",
        ),
        (
            {"graph": "platform"},
            "graph 'platform' does not end in .svg or .mmd, by which its form is known."
            " Give it as in -e graph=platform.svg.",
        ),
        (
            {"report": "/nowhere/run.html"},
            "report '/nowhere/run.html': there is no folder /nowhere. Name a file in one that exists.",
        ),
        ({"report": "{folder}/x.html"}, "report '{folder}/x.html' is a folder. Name a file in it."),
    ],
)
def test_what_could_not_be_written_is_refused_before_anything_is_done(run_action, tmp_path, arguments, sentence):
    (tmp_path / "x.html").mkdir()
    given = {name: path.format(folder=tmp_path) for name, path in arguments.items()}
    with pytest.raises(AnsibleActionFail) as refused:
        run_action(report, {**given, "check_only": True})
    assert str(refused.value) == sentence.format(folder=tmp_path)


def test_with_check_only_nothing_is_written(run_action, tmp_path):
    result, lines = run_action(report, {"report": str(tmp_path / "run.html"), "check_only": True})
    assert (list(tmp_path.iterdir()), lines, result["files"], "ansible_stats" in result) == ([], [], {}, False)


def test_a_disk_that_is_full_is_told(tmp_path):
    with pytest.raises(AnsibleActionFail, match="Failed to write report '/dev/full': No space left on device"):
        files.write("report", "/dev/full", "x")


def task(uuid: str, name: str = "magiclub.fargate.vpc : Create it", action: str = "amazon.aws.ec2_vpc_net"):
    return types.SimpleNamespace(_uuid=uuid, action=action, get_name=lambda: name)


def test_the_timeline_keeps_what_ran_when():
    now = iter([10.0, 13.0, 20.0, 21.0])
    kept = Timeline(lambda: next(now))
    one, other = task("1"), task("2", "Wait", "magiclub.fargate.ecs_service_wait")
    kept.start("poc", one)
    subnet = {"type": "subnet", "name": "x-a1"}
    kept.item("poc", one, {"changed": True, "_ansible_item_label": "x-a1", "ansible_loop_var": "item", "item": subnet})
    kept.item("poc", one, {"changed": True, "_ansible_item_label": "x", "item": "x"})
    kept.item("poc", one, {"changed": False, "_ansible_item_label": "x-c1"})
    kept.end("poc", one, {"changed": True})
    kept.start("prod", other)
    seen = {"name": "x", "outcome": "steady", "seen": [], "seconds": 1}
    kept.end("prod", other, {"msg": "it fails", "services": [{**seen, "arn": "a"}]}, failed=True)
    assert [(e["name"], e["role"], e["start"], e["end"], e["items"], e["types"]) for e in kept.of("poc")] == [
        ("Create it", "vpc", 10.0, 13.0, ["x-a1", "x"], ["subnet", ""])
    ]
    [failed] = kept.of("prod")
    assert (failed["failed"], failed["message"], failed["waited"]) == (True, "it fails", [seen])


def test_the_timeline_keeps_no_message_that_is_not_to_be_shown():
    kept = Timeline(lambda: 0.0)
    kept.end("poc", task("1"), {"msg": "s3cret", "_ansible_no_log": True}, failed=True)
    assert kept.of("poc")[0]["message"] == ""


PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Take a moment
      ansible.builtin.debug: {msg: x}
      changed_when: true
    - name: Break
      ansible.builtin.fail: {msg: it broke}
      ignore_errors: true
    - name: Write it
      magiclub.fargate.report: {report: "{{ file }}"}
"""


@pytest.mark.program
@pytest.mark.parametrize("importing", [False, True])
def test_what_ran_before_is_in_the_page_of_any_playbook_beside_the_callback(tmp_path, importing):
    """As with an installed collection: no ansible.cfg names the callback."""
    beside = tmp_path / "playbooks"
    beside.mkdir()
    (beside / "callback_plugins").symlink_to(ROOT / "playbooks" / "callback_plugins")
    (beside / "play.yml").write_text(PLAY, encoding="utf-8")
    (tmp_path / "own.yml").write_text("- ansible.builtin.import_playbook: playbooks/play.yml\n", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook"))]
    command += [str(tmp_path / "own.yml" if importing else beside / "play.yml")]
    env = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections"),
    }
    given = ["-e", f"file={tmp_path / 'run.html'}"]
    done = subprocess.run([*command, *given], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "Take a moment" in text
    assert "it broke" not in text
