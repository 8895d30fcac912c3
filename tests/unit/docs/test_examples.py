# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Examples of the pages: each gives a module what its options take, and names modules and filters that there are."""

from __future__ import annotations

import functools
import importlib
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.plugin_docs import read_docstring

ROOT = Path(__file__).parents[3]
OURS = "magiclub.fargate."
MODULES = sorted(path for path in ROOT.glob("plugins/modules/*.py") if path.stem != "__init__")
FILTERS = {path.stem for path in ROOT.glob("plugins/filter/*.yml")}
OF_A_FILTER = re.compile(rf"\|\s*{re.escape(OURS)}(\w+)")
KEPT = ("type", "elements", "required", "default", "choices", "aliases")


@functools.cache
def page(path: Path) -> tuple[dict[str, t.Any], str]:
    """Return the options and examples of a module, its fragments included."""
    read = read_docstring(str(path), verbose=False, ignore_errors=False)
    options: dict[str, t.Any] = {}
    for name in read["doc"].get("extends_documentation_fragment", []):
        options |= fragment(name)
    return options | read["doc"].get("options", {}), read["plainexamples"] or ""


def fragment(name: str) -> dict[str, t.Any]:
    """Return the options of a fragment by its whole name, as amazon.aws.common.modules."""
    namespace, collection, plugin, *part = name.split(".")
    module = importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.doc_fragments.{plugin}")
    parts = module.ModuleDocFragment
    text = getattr(parts, part[0].upper() if part else "DOCUMENTATION", "") or getattr(parts, "DOCUMENTATION", "")
    return t.cast("dict[str, t.Any]", (yaml.safe_load(text) or {}).get("options", {}))


def spec(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the documented options as an argument spec."""
    return {
        name: {
            **{key: option[key] for key in KEPT if key in option},
            **({"options": spec(option["suboptions"])} if option.get("suboptions") else {}),
        }
        for name, option in options.items()
    }


def without_templates(value: t.Any, taken: dict[str, t.Any]) -> None:
    """Let an option take anything where its value is a template, which only a run resolves."""
    for name, given in value.items():
        option = next((one for key, one in taken.items() if name in (key, *one.get("aliases", ()))), None)
        if option is None:
            continue
        if "{{" in str(given):
            items = given if isinstance(given, list) else [given]
            if isinstance(given, str) or any(isinstance(item, str) and "{{" in item for item in items):
                option.update(type="raw")
                for key in ("choices", "elements", "options"):
                    option.pop(key, None)
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, dict) and "options" in option:
                without_templates(item, option["options"])


def tasks(value: t.Any) -> t.Iterator[dict[str, t.Any]]:
    for item in value if isinstance(value, list) else []:
        yield item
        for part in ("tasks", "block", "rescue", "always"):
            yield from tasks(item.get(part))


def calls() -> t.Iterator[t.Any]:
    for path in MODULES:
        for number, task in enumerate(tasks(yaml.safe_load(page(path)[1]))):
            for name in task:
                if name.startswith(OURS) or name in ("ansible.builtin.import_role", "ansible.builtin.include_role"):
                    yield pytest.param(name, task[name] or {}, id=f"{path.stem}-{number}")


def test_each_module_has_an_example_of_itself():
    assert [path.stem for path in MODULES if f"{OURS}{path.stem}:" not in page(path)[1]] == []


@pytest.mark.parametrize(("name", "given"), [call for call in calls() if call.values[0].startswith(OURS)])
def test_an_example_gives_what_the_options_take(name, given):
    options, _examples = page(ROOT / "plugins" / "modules" / f"{name.removeprefix(OURS)}.py")
    taken = spec(options)
    without_templates(given, taken)
    assert ArgumentSpecValidator(taken).validate(given).error_messages == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("plugins/filter/*.yml")), ids=lambda path: path.stem)
def test_an_example_of_a_filter_uses_it_and_names_filters_that_there_are(path):
    used = OF_A_FILTER.findall(yaml.safe_load(path.read_text("utf-8"))["EXAMPLES"])
    assert path.stem in used
    assert set(used) <= FILTERS


def test_a_module_needs_what_an_execution_environment_gets():
    needed = (ROOT / "meta" / "ee-requirements.txt").read_text("utf-8")
    [boto3] = re.findall(r"^boto3>=([\d.]+)$", needed, re.MULTILINE)
    [python] = re.findall(r'python_requires: ">=([\d.]+)"', (ROOT / "tests" / "config.yml").read_text("utf-8"))
    text = importlib.import_module("ansible_collections.magiclub.fargate.plugins.doc_fragments.requirements")
    needs = yaml.safe_load(text.ModuleDocFragment.DOCUMENTATION)["requirements"]
    assert needs == [f"python >= {python}", f"boto3 >= {boto3}.0", f"botocore >= {boto3}.0"]
    asking = [path for path in MODULES if "aws_config" in page(path)[0]]
    assert len(asking) > 30
    assert [path.stem for path in asking if f"  - {OURS}requirements\n" not in path.read_text("utf-8")] == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "def main(" in path.read_text("utf-8")], ids=lambda path: path.stem
)
def test_a_module_runs_in_check_mode_as_its_page_says(path: Path) -> None:
    # each says by an attribute, or one of the fragments, that it does
    assert re.search(r"supports_check_mode=True\b", path.read_text(encoding="utf-8"))
