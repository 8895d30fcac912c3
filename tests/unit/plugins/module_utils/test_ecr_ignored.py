# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a build context is ignored: by table, and as the Docker SDK does."""

from __future__ import annotations

import random

import docker.utils.build
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import ignored

NAMES = ("a", "b", "ab", "a.b", "d-1", "[x]", "D", "keep.md")
# Not **, of which the SDK forgets the folders that it matches, and not [^…], in which it takes ^ for a character.
PARTS = (*NAMES[:5], "*", "?", "a*", "*.b", "[a-c]", "[!a]", "..", ".", "")


@pytest.mark.parametrize(
    ("text", "patterns"),
    [("# c\n\n a \n!b\n", ["a", "!b"]), ("\ufeff*\n", ["*"]), ("", [])],
)
def test_patterns(text, patterns):
    assert ignored.patterns(text) == patterns


@pytest.mark.parametrize(
    ("patterns", "path", "kept"),
    [
        ([], "a/b", True),
        (["b"], "a/b", True),
        (["a"], "a/b", False),
        (["a/"], "a/b", False),
        (["/a/b"], "a/b", False),
        (["./x/../a"], "a/b", False),
        (["*/b"], "a/b", False),
        (["*"], "a/b", False),
        (["**/b"], "a/b", False),
        (["**/b"], "b", False),
        (["a/**"], "a", True),
        (["a/**"], "a/b", False),
        (["a?c"], "abc", False),
        (["a?c"], "a/c", True),
        (["[a-b]c"], "bc", False),
        (["[^a-b]c"], "bc", True),
        (["[!a-b]c"], "xc", False),
        (["[a-"], "[a-", False),
        ([r"\*"], "*", False),
        ([r"\*"], "a", True),
        (["a.c"], "abc", True),
        (["*", "!a"], "a/b", True),
        (["b/*", "!**/a"], "b/a/c/d", True),
        (["*", "!a", "a/b"], "a/b", False),
        (["a", "!a/b"], "a/b", True),
        (["a", "!a/b"], "a/c", False),
        (["*"], "Dockerfile", True),
        (["*"], ".dockerignore", True),
        ([".", "!", "/"], "a", True),
    ],
)
def test_a_path_is_kept(tmp_path, patterns, path, kept):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
    assert (path in ignored.kept(str(tmp_path), patterns, "Dockerfile")) is kept


def test_a_link_to_a_folder_is_not_looked_into(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    (tmp_path / "link").symlink_to("a")
    assert ignored.kept(str(tmp_path), [], "Dockerfile") == {"a", "a/b", "link"}


@pytest.mark.parametrize("seed", range(60))
def test_it_is_what_the_docker_sdk_takes(tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311
    for _ in range(25):
        path = tmp_path.joinpath(*chance.choices(NAMES, k=chance.randint(1, 4)))
        if not any(parent.is_file() for parent in [path, *path.parents]):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch()
    patterns = [chance.choice(["", "!"]) + "/".join(chance.choices(PARTS, k=chance.randint(1, 3))) for _ in range(4)]
    expected = docker.utils.build.exclude_paths(str(tmp_path), list(patterns), dockerfile="a/Dockerfile")
    assert ignored.kept(str(tmp_path), patterns, "a/Dockerfile") == expected, patterns
