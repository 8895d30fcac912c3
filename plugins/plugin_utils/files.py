# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that a run writes on the controller for its user."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail


def check(option: str, path: str, endings: t.Collection[str] = ()) -> None:
    """Raise AnsibleActionFail if no file can be written to I(path), the value of I(option)."""
    given = Path(path)
    if endings and given.suffix not in endings:
        known = " or ".join(endings)
        raise AnsibleActionFail(
            f"{option} '{path}' does not end in {known}, by which its form is known. Give it as in"
            f" -e {option}={given.stem or option}{next(iter(endings))}."
        )
    if given.is_dir():
        raise AnsibleActionFail(f"{option} '{path}' is a folder. Name a file in it.")
    if not given.parent.is_dir():
        raise AnsibleActionFail(
            f"{option} '{path}': there is no folder {given.parent}. Name a file in one that exists."
        )


def write(option: str, path: str, text: str) -> None:
    """Write a file with mode 0600; raises AnsibleActionFail with the name of the option."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise AnsibleActionFail(
            f"Failed to write {option} '{path}': {error.strerror}. Name a file in a folder that exists."
        ) from error
