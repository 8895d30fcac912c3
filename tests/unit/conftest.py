# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for unit tests: action plugins run without a play, and AWS's data and templates are read once."""

from __future__ import annotations

import functools
import gc
import types
import typing as t

import pytest
from ansible._internal._templating._jinja_bits import AnsibleEnvironment, _TemplateCompileContext
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.vars import get_unique_id
from botocore.loaders import JSONFileLoader, Loader


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection, which would take a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> t.Iterator[None]:
    """Share what botocore reads from its files, and leave out moto's images: each takes a second of a test with EC2."""
    loader = JSONFileLoader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        read = functools.cache(loader.load_file)
        patch.setattr(JSONFileLoader, "load_file", lambda _self, path: read(path))
        # each session lists the folders of all services again to find one
        listed = functools.cache(Loader(include_default_search_paths=True).list_available_services)
        patch.setattr(Loader, "list_available_services", lambda _self, type_name: listed(type_name))
        yield


@pytest.fixture(scope="session", autouse=True)
def _compile_once() -> t.Iterator[None]:
    """Share the compiled code of each template: a run compiles it once, and many tests use the same templates."""
    compiled: dict[tuple[t.Any, ...], t.Any] = {}
    compile_ = AnsibleEnvironment.compile

    def shared(self: AnsibleEnvironment, source: t.Any, *where: t.Any, **how: t.Any) -> t.Any:
        context = _TemplateCompileContext.current(optional=True)
        if not isinstance(source, str) or where or how:
            return compile_(self, source, *where, **how)
        # the environment defines what begins a template, and the context what a backslash means
        key = (str(source), self.variable_start_string, self.block_start_string, self.trim_blocks, self.lstrip_blocks)
        key = (*key, context.escape_backslashes if context else None)
        if key not in compiled:
            compiled[key] = compile_(self, source)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnsibleEnvironment, "compile", shared)
        yield


class RunAction(t.Protocol):
    def __call__(
        self,
        module: types.ModuleType,
        arguments: dict[str, t.Any],
        *,
        check: bool = False,
        diff: bool = False,
        facts: dict[str, t.Any] | None = None,
        variables: dict[str, t.Any] | None = None,
    ) -> tuple[dict[str, t.Any], list[str]]: ...


@pytest.fixture
def run_action(monkeypatch: pytest.MonkeyPatch) -> RunAction:
    """Run the action plugin of a module; return its result and the displayed lines."""

    def run(
        module: types.ModuleType,
        arguments: dict[str, t.Any],
        *,
        check: bool = False,
        diff: bool = False,
        facts: dict[str, t.Any] | None = None,
        variables: dict[str, t.Any] | None = None,
    ) -> tuple[dict[str, t.Any], list[str]]:
        task = types.SimpleNamespace(
            args=arguments, check_mode=check, diff=diff, async_val=0, action=module.__name__, _uuid=get_unique_id()
        )
        connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
        templar = Templar(loader=DataLoader(), variables=variables or {})
        plugin = module.ActionModule(task, connection, None, DataLoader(), templar, None)
        lines: list[str] = []
        monkeypatch.setattr(
            plugin, "_display", types.SimpleNamespace(display=lambda text, **_where: lines.append(text))
        )
        return plugin.run(task_vars={"ansible_facts": facts or {}, **(variables or {})}), lines

    return run
