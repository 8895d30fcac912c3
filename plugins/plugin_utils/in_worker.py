# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module of this collection in Ansible's worker process if possible, which saves the start of a process.

To pack a module, start Python and import boto3 takes longer than most AWS calls.  A module for another machine, user or
Python interpreter is started by Ansible as usual.  Options, environment and working directory are those of the module.
ansible.netcommon does the same with C(import_modules).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import typing as t
import warnings

from ansible import constants as C  # noqa: N812 - Ansible's convention
from ansible.module_utils import basic
from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder

from . import run as this_run
from .action import Action

Result = dict[str, t.Any]
OURS = "magiclub.fargate."
PYTHON = "INTERPRETER_PYTHON"
"""The setting in ansible.cfg for C(ansible_python_interpreter)."""
# Ansible's default serialization of arguments and results
PROFILE = "legacy"


def ready(*names: str) -> None:
    """Import modules of this collection before workers are forked, so that these need not."""
    if sys.platform == "linux":
        # a module's process would hide the libraries' warnings, too
        with warnings.catch_warnings(action="ignore"):
            for name in names:
                _main_of(f"{OURS}{name}")


class InWorker(Action):
    """An action that runs modules of this collection in the worker process if possible."""

    def _execute_module(
        self, module_name: str, module_args: Result, task_vars: Result, wrap_async: bool = False
    ) -> Result:
        """Return the result of a module of this collection."""
        if not wrap_async and self._runs_here(task_vars) and (main := _main_of(module_name)):
            return self._run(main, self._module_input(module_name, module_args, task_vars))
        return dict(
            super()._execute_module(
                module_name=module_name, module_args=module_args, task_vars=task_vars, wrap_async=wrap_async
            )
        )

    def _runs_here(self, variables: Result) -> bool:
        """Return whether the module would run on this machine, as this user and with this Python interpreter.

        On macOS a forked process can't read the system's proxies, as botocore does
        (U(https://docs.ansible.com/ansible/latest/reference_appendices/faq.html#running-on-macos-as-a-controller)).
        """
        connection = self._connection
        return (
            sys.platform == "linux"
            and connection.transport == "local"
            and not connection.become
            and not self._task.delegate_to
            and self._templar.template(C.config.get_config_value(PYTHON, variables=variables)) == sys.executable
        )

    def _module_input(self, module_name: str, module_args: Result, variables: Result) -> bytes:
        """Return the arguments as Ansible would send them to the module: plain data, without Ansible's tags."""
        args = dict(module_args)
        self._update_module_args(module_name, args, variables)
        encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
        return json.dumps({"ANSIBLE_MODULE_ARGS": args}, cls=encoder).encode()

    def _run(self, main: t.Callable[[], None], sent: bytes) -> Result:
        """Return the result that a module's C(main) prints."""
        printed = io.StringIO()
        with (
            self._module_process(),
            this_run.asking(),
            _module_arguments(sent),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(SystemExit),
        ):
            main()
        return dict(json.loads(printed.getvalue(), cls=get_module_decoder(PROFILE, Direction.MODULE_TO_CONTROLLER)))

    @contextlib.contextmanager
    def _module_process(self) -> t.Iterator[None]:
        """Set environment and working directory of the module, and restore the previous ones."""
        given: Result = {}
        self._compute_environment_string(given)
        before = {name: os.environ.get(name) for name in given}
        os.environ.update({name: str(value) for name, value in given.items()})
        try:
            with contextlib.chdir(self._loader.get_basedir()):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class OfModule(InWorker):
    """The action of a module that only runs in the worker process."""

    _supports_async = True

    def act(self, variables: Result) -> Result:
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        return self._execute_module(self._task.action, self._task.args, variables, wrap_async=wrap_async)


def _main_of(module_name: str) -> t.Callable[[], None] | None:
    """Return the C(main) of a module; None without amazon.aws, which Ansible then reports."""
    name = module_name.removeprefix(OURS)
    try:
        module = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{name}")
    except ImportError:
        return None
    return t.cast("t.Callable[[], None]", module.main)


@contextlib.contextmanager
def _module_arguments(sent: bytes) -> t.Iterator[None]:
    """Put the arguments where Ansible puts them in a module's process."""
    before = (basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE)
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = sent, PROFILE
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = before
