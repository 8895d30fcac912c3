# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adds services to an existing inventory: a file each, and an entry in a list.

The list is edited as text, so that comments and formatting are kept.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml

LIST = "fargate_services"
OF_ALL = "group_vars/all"
_HEAD = re.compile(rf"^{LIST}:(?P<rest>.*)$", re.MULTILINE)
_EMPTY = re.compile(r"\s*(?:\[\s*\])?\s*(?P<comment>#.*)?")
_FLOW = re.compile(r"(?P<begin>\s*\[.*\S)(?P<end>\s*\]\s*(?:#.*)?)")
_ENTRY = re.compile(r"(?P<indent> *)- ")


def list_of(folder: Path) -> Path | None:
    """Return the file with an inventory's list of services; None unless exactly one has it."""
    if not (folder / OF_ALL).is_dir():
        return None
    having = [file for file in _files(folder / OF_ALL) if _HEAD.search(read(file))]
    return having[0] if len(having) == 1 else None


def names(folder: Path) -> set[str]:
    """Return the names of the services that have a file in an inventory."""
    return {file.stem for file in _files(folder / OF_ALL / "services")}


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in (".yml", ".yaml") and file.is_file())


def read(file: Path) -> str:
    """Return the text of a file with its line endings; empty if it is not UTF-8, which Ansible can't read."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        return ""


def with_entries(text: str, variables: t.Sequence[str]) -> str | None:
    """Return the text of a vars file with list entries for I(variables) added; None if it is unclear where."""
    end = _end_of_lines(text)
    text = text.replace("\r\n", "\n")
    head = _HEAD.search(text)
    if not head or not end:
        return None
    entries = [f'"{{{{ {name} }}}}"' for name in variables]
    result = _changed(text, head, entries)
    return result.replace("\n", end) if result is not None and _only_adds(text, result, variables) else None


def _end_of_lines(text: str) -> str | None:
    """Return the line ending; None if it is mixed."""
    of_windows = text.count("\r\n")
    if "\r" in text.replace("\r\n", "") or of_windows not in (0, text.count("\n")):
        return None
    return "\r\n" if of_windows else "\n"


def _changed(text: str, head: re.Match[str], entries: t.Sequence[str]) -> str | None:
    rest, lines = head["rest"], text[head.end() :].removeprefix("\n").splitlines(keepends=True)
    if flow := _FLOW.fullmatch(rest):
        rest = f"{flow['begin'].rstrip(' ,')}, {', '.join(entries)}{flow['end'].lstrip()}"
        return f"{text[: head.start()]}{LIST}:{rest}\n{''.join(lines)}"
    if not (empty := _EMPTY.fullmatch(rest)):
        return None
    there = _entries(lines)
    indent = there[-1][1] if there else "  "
    at = there[-1][0] + 1 if there else 0
    new = [f"{indent}- {entry}\n" for entry in entries]
    kept = [line if line.endswith("\n") else f"{line}\n" for line in lines[:at]]
    comment = f"  {empty['comment']}" if empty["comment"] else ""
    return f"{text[: head.start()]}{LIST}:{comment}\n{''.join([*kept, *new, *lines[at:]])}"


def _entries(lines: t.Sequence[str]) -> list[tuple[int, str]]:
    """Return last line number and indent of each entry of the list at the beginning of I(lines)."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if entry := _ENTRY.match(line):
            deeper = found and len(entry["indent"]) > len(found[0][1])
            found.append((number, found[0][1] if deeper else entry["indent"]))
        elif found and line.startswith(f"{found[0][1]}  ") and not line.lstrip().startswith("#"):
            found[-1] = (number, found[-1][1])
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    return found


def _only_adds(before: str, after: str, variables: t.Sequence[str]) -> bool:
    """Return whether the new entries in the list are the only difference."""
    try:
        has, gets = yaml.safe_load(before) or {}, yaml.safe_load(after) or {}
    except yaml.YAMLError:
        return False
    added = [f"{{{{ {name} }}}}" for name in variables]
    return bool(gets == {**has, LIST: [*(has.get(LIST) or []), *added]})
