# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One more service for an inventory that is there: a file of its own, and an entry in a list; the rest is left alone.

The list is changed as text, so that comments and all that people have written stay.
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
    """Return the file of an inventory that has the list of its services; null if none has it, or several."""
    if not (folder / OF_ALL).is_dir():
        return None
    having = [file for file in _files(folder / OF_ALL) if _HEAD.search(read(file))]
    return having[0] if len(having) == 1 else None


def names(folder: Path) -> set[str]:
    """Return the names of the services that an inventory has a file for."""
    return {file.stem for file in _files(folder / OF_ALL / "services")}


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in (".yml", ".yaml") and file.is_file())


def read(file: Path) -> str:
    """Return the text of a file with its ends of lines; none of one that is not in UTF-8, which Ansible can't read."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        return ""


def with_entries(text: str, variables: t.Sequence[str]) -> str | None:
    """Return the text of a file of variables with entries of the list for I(variables); null if it is not clear how."""
    end = _end_of_lines(text)
    text = text.replace("\r\n", "\n")
    head = _HEAD.search(text)
    if not head or not end:
        return None
    entries = [f'"{{{{ {name} }}}}"' for name in variables]
    result = _changed(text, head, entries)
    return result.replace("\n", end) if result is not None and _is_as_wanted(text, result, variables) else None


def _end_of_lines(text: str) -> str | None:
    """Return what each line ends with; null if some end in another way."""
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
    """Return number of the last line, and indent, of each entry of the list that the I(lines) begin with."""
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


def _is_as_wanted(before: str, after: str, variables: t.Sequence[str]) -> bool:
    """Return whether nothing but the list is different, and that has just the new entries besides."""
    try:
        has, gets = yaml.safe_load(before) or {}, yaml.safe_load(after) or {}
    except yaml.YAMLError:
        return False
    added = [f"{{{{ {name} }}}}" for name in variables]
    return bool(gets == {**has, LIST: [*(has.get(LIST) or []), *added]})
