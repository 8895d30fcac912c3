# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a build context that Docker ignores.

By https://docs.docker.com/build/concepts/context/#dockerignore-files, as github.com/moby/patternmatcher implements it.
"""

from __future__ import annotations

import dataclasses
import os
import posixpath
import re
import typing as t
from pathlib import Path


def patterns(dockerignore: str) -> list[str]:
    """Return the patterns of a .dockerignore file's text, without comments and empty lines."""
    lines = [line.strip() for line in dockerignore.removeprefix("\ufeff").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def kept(root: str, ignored: t.Iterable[str], dockerfile: str) -> set[str]:
    """Return the paths below I(root), files and folders, that are not ignored; the Dockerfile never is."""
    rules = [rule for rule in map(_rule, [*ignored, f"!{dockerfile}", "!.dockerignore"]) if rule.path]
    return set(_walk(root, "", rules))


@dataclasses.dataclass(frozen=True)
class _Rule:
    path: str
    keeps: bool
    matches: re.Pattern[str]


def _rule(pattern: str) -> _Rule:
    keeps = pattern.startswith("!")
    path = posixpath.normpath("/" + pattern[keeps:].strip()).strip("/")
    return _Rule(path, keeps, re.compile(_expression(path), re.DOTALL))


_TOKEN = re.compile(
    r"(?P<any>\*\*/?)|(?P<star>\*)|(?P<one>\?)|\[(?P<set>[!^]?\]?[^\]]*)\]|\\(?P<quoted>.)|.", re.DOTALL
)
_WITHIN_A_NAME = {"star": "[^/]*", "one": "[^/]"}


def _expression(pattern: str) -> str:
    """Return the regular expression of a pattern: ** matches any number of folders, * and ? match within a name."""

    def of(token: re.Match[str]) -> str:
        if token["any"]:
            return ".*" if token.end() == len(pattern) else "(?:.*/)?"
        if token["set"]:
            no = token["set"][0] in "!^"
            return f"[{'^' if no else ''}{_set(token['set'][no:])}]"
        return _WITHIN_A_NAME.get(str(token.lastgroup)) or re.escape(token["quoted"] or token[0])

    return _TOKEN.sub(of, pattern)


def _set(characters: str) -> str:
    return re.escape(characters).replace(r"\-", "-")


def _walk(root: str, folder: str, rules: t.Sequence[_Rule]) -> t.Iterator[str]:
    with os.scandir(Path(root, folder)) as found:
        for entry in found:
            path = posixpath.join(folder, entry.name)
            ignored = _is_ignored(path, rules)
            if not ignored:
                yield path
            # in an ignored folder, a rule with ! may still keep something
            searched = not ignored or any(rule.keeps and rule.path.startswith(path) for rule in rules)
            if searched and entry.is_dir(follow_symlinks=False):
                yield from _walk(root, path, rules)


def _is_ignored(path: str, rules: t.Iterable[_Rule]) -> bool:
    """Return whether the last rule that matches the path or one of its folders ignores it."""
    parts = path.split("/")
    paths = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return next((not rule.keeps for rule in reversed(list(rules)) if any(map(rule.matches.fullmatch, paths))), False)
