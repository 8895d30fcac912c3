# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module of ours in the worker of Ansible, without a process of its own, if that comes to the same.

To pack a module, to start Python with it and to import boto3 takes longer than most calls of AWS.  It does not if the
module is for another machine, user or Python: then Ansible starts it as any other.  Options, environment and folder are
the module's.  ansible.netcommon has the same as C(import_modules).
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

from ansible import constants as C  # noqa: N812 - as everybody has it
from ansible.module_utils import basic
from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder

from . import run as this_run
from .action import Action

Result = dict[str, t.Any]
OURS = "magiclub.fargate."
PYTHON = "INTERPRETER_PYTHON"
"""Ansible's option of C(ansible_python_interpreter), which ansible.cfg may have instead."""
# as Ansible and a module that says nothing else send arguments and results
PROFILE = "legacy"


def ready(*names: str) -> None:
    """Import modules of ours where they can be: before workers are forked, so that none has to do it again."""
    if sys.platform == "linux":
        # what a library has to say of this Python it says to nobody in a module either
        with warnings.catch_warnings(action="ignore"):
            for name in names:
                _main_of(f"{OURS}{name}")


class InWorker(Action):
    """An action that runs modules of ours in its own process, if that comes to the same."""

    def _execute_module(
        self, module_name: str, module_args: Result, task_vars: Result, wrap_async: bool = False
    ) -> Result:
        """Return the result of a module of ours."""
        if not wrap_async and self._would_be_here(task_vars) and (main := _main_of(module_name)):
            return self._run(main, self._as_sent(module_name, module_args, task_vars))
        return dict(
            super()._execute_module(
                module_name=module_name, module_args=module_args, task_vars=task_vars, wrap_async=wrap_async
            )
        )

    def _would_be_here(self, variables: Result) -> bool:
        """Return whether the module would run on this machine, as this user and by this Python.

        On macOS a forked process may not ask for the system's proxies, as botocore does
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

    def _as_sent(self, module_name: str, module_args: Result, variables: Result) -> bytes:
        """Return what the module would be sent: plain data, as what Ansible knows of values stays with it."""
        args = dict(module_args)
        self._update_module_args(module_name, args, variables)
        encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
        return json.dumps({"ANSIBLE_MODULE_ARGS": args}, cls=encoder).encode()

    def _run(self, main: t.Callable[[], None], sent: bytes) -> Result:
        """Return what a module's C(main) prints."""
        printed = io.StringIO()
        with (
            self._as_its_process(),
            this_run.asking(),
            _taking(sent),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(SystemExit),
        ):
            main()
        return dict(json.loads(printed.getvalue(), cls=get_module_decoder(PROFILE, Direction.MODULE_TO_CONTROLLER)))

    @contextlib.contextmanager
    def _as_its_process(self) -> t.Iterator[None]:
        """Have environment and folder be the module's, and as before afterwards."""
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
    """The action of a module of ours that needs no other."""

    _supports_async = True

    def act(self, variables: Result) -> Result:
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        return self._execute_module(self._task.action, self._task.args, variables, wrap_async=wrap_async)


def _main_of(module_name: str) -> t.Callable[[], None] | None:
    """Return the C(main) of a module of ours, and null without amazon.aws, which Ansible then says itself."""
    name = module_name.removeprefix(OURS)
    try:
        module = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{name}")
    except ImportError:
        return None
    return t.cast("t.Callable[[], None]", module.main)


@contextlib.contextmanager
def _taking(sent: bytes) -> t.Iterator[None]:
    """Have a module take what was sent from where Ansible puts it for a process of its own."""
    before = (basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE)
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = sent, PROFILE
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = before
