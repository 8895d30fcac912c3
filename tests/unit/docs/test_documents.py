# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documents promise: links lead somewhere, both READMEs say the same, their commands are there."""

from __future__ import annotations

import functools
import importlib.util
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.outcomes import OUTCOMES, STEADY

from tests.support.readme import FENCED, commands, outputs

ROOT = Path(__file__).parents[3]
README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\]\(([^)#\s:]*)#([^)\s]+)\)")
# a plan, as a play hands it to roles and a workflow of AWX to the next job
WRITTEN = "inventories/shop"
"""The inventory that a command of the README writes."""
HANDED_ON = {"fargate_graph", "fargate_report", "fargate_planned", "fargate_plan", "fargate_result"}
# they ask AWS nothing
WITHOUT_AWS = {"init", "lap", "report", "show", "summary", "validate"}


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.splitlines() if not name.startswith("playbooks/collections")]


def outline(path: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", path.read_text(encoding="utf-8"), re.MULTILINE)]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_a_file(document):
    links = LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8")))
    gone = [link for link in links if not re.match(r"[a-z]+:", link) and not (document.parent / link).exists()]
    assert gone == []


@functools.cache
def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_anchors_lead_to_a_heading(document):
    found = ANCHOR.findall(document.read_text(encoding="utf-8"))
    places = [((document.parent / link).resolve() if link else document, anchor) for link, anchor in found]
    assert [f"{path.name}#{anchor}" for path, anchor in places if anchor not in anchors(path)] == []


@functools.cache
def ours() -> set[str]:
    """Return every name that a document may use: options, variables of inventories, modules, filters, roles, facts."""

    def options(spec):
        for name, option in spec.items():
            yield name
            yield from options(option.get("options", {}))

    specs = [yaml.safe_load(path.read_text("utf-8")) for path in ROOT.glob("roles/*/meta/argument_specs.yml")]
    doors = [door.get("options", {}) for spec in specs for door in spec["argument_specs"].values()]
    inventories = [yaml.safe_load(path.read_text("utf-8")) for path in ROOT.glob("inventories/*/group_vars/**/*.yml")]
    files = [*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("plugins/filter/*.yml"), *ROOT.glob("roles/*")]
    return {name for spec in doors for name in options(spec)} | {
        *HANDED_ON,
        *(name for variables in inventories for name in variables or {}),
        *(path.stem for path in files),
        *(f"{path.name}_{fact}" for path in ROOT.glob("roles/*") for fact in ("info", "serving")),
    }


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_variables_that_there_are(document):
    text = document.read_text(encoding="utf-8")
    roles = "|".join(sorted(path.name for path in ROOT.glob("roles/*")))
    named = set(re.findall(rf"\b((?:{roles}|fargate)_[a-z0-9_]*[a-z0-9])\b", text))
    playbooks = "".join(
        path.read_text("utf-8") for pattern in ("playbooks/*.yml", "roles/*/tasks/*.yml") for path in ROOT.glob(pattern)
    )
    given = set(re.findall(r"""-e ['"{ ]*([a-z_]+)""", text))
    assert named - ours() == set()
    assert {name for name in given - ours() if not re.search(rf"\b{name}\b", playbooks)} == set()


def test_both_readmes_have_the_same_sections():
    assert outline(README) == outline(KOREAN)
    assert len(outline(README)) > 5


def test_both_readmes_have_the_same_commands_output_and_links():
    assert commands(README) == commands(KOREAN)
    assert len(commands(README)) > 10
    english, korean = (path.read_text(encoding="utf-8") for path in (README, KOREAN))
    assert outputs(README) == outputs(KOREAN)
    assert (LINK.findall(english)[0], LINK.findall(korean)[0]) == (KOREAN.name, README.name)
    assert LINK.findall(english)[1:] == LINK.findall(korean)[1:]
    assert len(re.findall(r"^\|", english, re.MULTILINE)) == len(re.findall(r"^\|", korean, re.MULTILINE))


@pytest.mark.parametrize("command", commands(README))
def test_a_command_of_the_readme_names_what_is_there(command):
    program, *arguments = shlex.split(command)
    if program == ".":
        assert arguments == [".venv/bin/activate"]
        return
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert arguments[0] in targets
        return
    playbook = ROOT / arguments[0]
    assert playbook.is_file()
    if "-i" in arguments:
        inventory = arguments[arguments.index("-i") + 1]
        assert inventory.endswith(",") or inventory == WRITTEN or (ROOT / inventory).is_dir()
    else:
        assert playbook.stem == "init"
    given = [arguments[place + 1] for place, word in enumerate(arguments) if word == "-e"]
    inputs = [file.read_text(encoding="utf-8") for file in (ROOT / "roles").glob("*/meta/argument_specs.yml")]
    read = "\n".join([playbook.read_text(encoding="utf-8"), *inputs])
    for name in [re.match(r"[{\"]*(\w+)", item)[1] for item in given]:
        assert re.search(rf"\b{name}\b", read), name


def test_the_layers_of_the_readme_are_the_tags_of_the_playbook():
    tags = re.findall(r"^\| `(\w+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    *_before, site = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    assert tags == site["vars"]["__site_layers"]


def test_troubleshooting_tells_every_outcome():
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "troubleshooting.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(set(OUTCOMES) - {STEADY})


def test_the_group_for_module_defaults_holds_every_module_that_asks_aws():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    group = runtime["action_groups"]["aws"]
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}
    assert {entry for entry in group if isinstance(entry, str)} == modules - WITHOUT_AWS
    [metadata] = [entry["metadata"] for entry in group if isinstance(entry, dict)]
    assert metadata["extend_group"] == ["amazon.aws.aws", "community.aws.aws"]


def test_the_pictures_are_drawn_from_the_texts_as_they_are():
    specification = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "diagrams" / "draw.py")
    draw = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(draw)
    for path, content in draw.drawings().items():
        assert path.read_text(encoding="utf-8") == content, "Run python docs/diagrams/draw.py."
