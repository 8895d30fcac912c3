# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run ansible-lint, with one start of Ansible for the syntax of all playbooks and roles instead of one for each.

``python -m tests.checks.ansible_lint [ARGUMENTS OF ansible-lint]``.  Half of its time went into these starts.  If the
syntax is wrong, ansible-lint checks each file itself, for its messages.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import yaml
from ansiblelint.__main__ import main as lint
from ansiblelint.errors import MatchError
from ansiblelint.file_utils import Lintable
from ansiblelint.runner import Runner

ARGUMENTS = ("--offline", "--strict", "--profile", "production")
_EACH = Runner._map_syntax_check_workers


def _beside(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


def _at_once(runner: Runner, look: t.Any, files: list[Lintable]) -> list[list[MatchError]]:
    return [] if is_well(files, runner.app.runtime.environ) else _EACH(runner, look, files)


def is_well(files: t.Iterable[Lintable], environment: t.Mapping[str, str]) -> bool:
    """Return whether Ansible accepts all these playbooks and roles."""
    paths: dict[str, list[str]] = {"playbook": [], "role": []}
    for file in files:
        paths.get(str(file.kind), []).append(str(file.path.expanduser().absolute()))
    with tempfile.TemporaryDirectory(prefix="syntax-") as folder:
        roles = Path(folder) / "roles.yml"
        tasks = [{"ansible.builtin.import_role": {"name": path}} for path in paths["role"]]
        roles.write_text(yaml.safe_dump([{"name": "Roles", "hosts": "localhost", "tasks": tasks}]), encoding="utf-8")
        command = [_beside("ansible-playbook"), "--syntax-check", *paths["playbook"], str(roles)]
        quiet = {"PYTHONWARNINGS": "ignore", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False"}
        done = subprocess.run(
            command, env={**environment, **quiet}, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    return done.returncode == 0


def main(arguments: t.Sequence[str]) -> int:
    """Return ansible-lint's exit code."""
    Runner._map_syntax_check_workers = _at_once  # type: ignore[assignment,method-assign]
    return lint([_beside("ansible-lint"), *(arguments or ARGUMENTS)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
