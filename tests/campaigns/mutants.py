# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find mutations of the collection's code that no unit test notices.

``python -m tests.campaigns.mutants [--count 200] [--seed 1] [--under plugins/module_utils/_plan]`` samples places of
the code evenly over its statements, runs the test files that reach the file, nearest first, and prints each surviving
mutant, for a reviewer to decide what users would see of it. They are applied in a clone of the committed code.
"""

from __future__ import annotations

import argparse
import ast
import collections
import copy
import functools
import random
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from ..support.cloud import ROOT

PACKAGE = "ansible_collections.magiclub.fargate."
TESTS = ("tests/unit/plugins", "tests/unit/aws")
# files that import a file, then files that import these: further tests are no longer about it
STEPS = 3
MOST_FILES = 40
SECONDS = 300
TEXT = "text"
OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
}  # fmt: skip


class Mutant(t.NamedTuple):
    """One mutated file: its path, the kind of change, the line before and after, and the whole source."""

    path: str
    line: int
    kind: str
    before: str
    after: str
    source: str


def replaced(node: ast.AST) -> tuple[str, ast.AST] | None:
    """Return replacements of a node, with the kind of change."""
    match node:
        case ast.Compare() | ast.BoolOp() | ast.BinOp():
            return _with_other_operator(node)
        case ast.UnaryOp(op=ast.Not()):
            return "not", node.operand
        case ast.IfExp() | ast.If():
            return "condition", type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)  # type: ignore[arg-type]
        case ast.Constant():
            return _constant(node.value)
        case ast.comprehension(ifs=[_, *rest]):
            return "filter", ast.comprehension(node.target, node.iter, rest, node.is_async)
        case ast.Return(value=ast.expr()) if not isinstance(node.value, ast.Constant):
            return "return", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            return "statement", ast.Pass()
    return None


def _with_other_operator(node: ast.Compare | ast.BoolOp | ast.BinOp) -> tuple[str, ast.AST] | None:
    operator = node.ops[0] if isinstance(node, ast.Compare) else node.op
    if type(operator) not in OTHER:
        return None
    other: t.Any = copy.deepcopy(node)
    if isinstance(node, ast.Compare):
        other.ops[0] = OTHER[type(operator)]()
    else:
        other.op = OTHER[type(operator)]()
    return "comparison" if isinstance(node, ast.Compare) else "operator", other


def _constant(value: object) -> tuple[str, ast.AST] | None:
    match value:
        case bool():
            return "bool", ast.Constant(not value)
        case int() | float():
            return "number", ast.Constant(value + 1)
        case str() if value:
            return TEXT, ast.Constant(value + "x")
    return None


def places(tree: ast.Module) -> list[tuple[ast.AST, str, t.Any]]:
    """Return each node in a function that can be mutated: its parent, field and index."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return [place for function in functions for place in _below(function, ("body",))]


def _below(node: ast.AST, fields: t.Container[str] | None = None) -> t.Iterator[tuple[ast.AST, str, t.Any]]:
    """Yield the places below a node, or in some of its fields; nested functions have their own."""
    for name, value in ast.iter_fields(node):
        for index, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
            skipped = name == "annotation" or (fields is not None and name not in fields)
            if not isinstance(one, ast.AST) or skipped or isinstance(one, ast.FunctionDef) or _is_text_for_people(one):
                continue
            if replaced(one):
                yield node, name, index
            yield from _below(one)


def _is_text_for_people(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def made(path: str, source: str, number: int) -> Mutant:
    """Return the mutant of a file's source at the place of this number."""
    tree = ast.parse(source)
    holder, name, index = places(tree)[number]
    value = getattr(holder, name)
    node = value if index is None else value[index]
    before, line = ast.unparse(node), getattr(node, "lineno", getattr(holder, "lineno", 0))
    kind, other = t.cast("tuple[str, ast.AST]", replaced(node))
    if index is None:
        setattr(holder, name, other)
    else:
        value[index] = other
    return Mutant(path, line, kind, before, ast.unparse(other), ast.unparse(ast.fix_missing_locations(tree)))


def sampled(root: Path, under: str, count: int, seed: int) -> list[Mutant]:
    """Return so many mutants of the files below a folder: each place equally likely, texts a tenth as likely."""
    found = [
        (str(path.relative_to(root)), number, _kind(place) == TEXT)
        for path in sorted((root / under).rglob("*.py"))
        for number, place in enumerate(places(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    # not for secrets
    chance = random.Random(seed)  # noqa: S311
    texts, others = ([one for one in found if one[2] is wanted] for wanted in (True, False))
    chosen = chance.sample(texts, min(count // 10, len(texts))) + chance.sample(
        others, min(count - count // 10, len(others))
    )
    return [made(path, (root / path).read_text(encoding="utf-8"), number) for path, number, _is_text in chosen]


def _kind(place: tuple[ast.AST, str, t.Any]) -> str:
    holder, name, index = place
    value = getattr(holder, name)
    return t.cast("tuple[str, ast.AST]", replaced(value if index is None else value[index]))[0]


@functools.cache
def imports(root: Path) -> dict[str, set[str]]:
    """Return the files that import each file of the collection or its tests, by their paths."""
    files = [
        path.relative_to(root)
        for top in ("plugins", "tests/unit", "tests/support")
        for path in (root / top).rglob("*.py")
    ]
    known = {".".join(path.with_suffix("").parts): str(path) for path in files}
    result: dict[str, set[str]] = collections.defaultdict(set)
    for path in files:
        for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = ".".join(path.parts[: len(path.parts) - node.level]) if node.level else ""
                module = ".".join(filter(None, (base, (node.module or "").removeprefix(PACKAGE))))
                for name in (module, *(f"{module}.{alias.name}" for alias in node.names)):
                    if name in known:
                        result[known[name]].add(str(path))
    return result


def tests_of(root: Path, path: str) -> list[str]:
    """Return the test files that reach a file, direct imports first."""
    found: dict[str, None] = {}
    reached = {path}
    for _ in range(STEPS):
        reached = {importer for one in reached for importer in imports(root)[one]}
        files = (one for one in reached if one.startswith(TESTS) and Path(one).name.startswith("test_"))
        found |= dict.fromkeys(sorted(files, key=lambda one: (-_likeness(one, path), one)))
        if len(found) >= MOST_FILES:
            break
    return list(found)[:MOST_FILES]


def _likeness(test: str, path: str) -> int:
    """Return how many words the name of a test file shares with the path of a file."""
    return len(set(re.split(r"[/_.]+", Path(test).stem)) & set(re.split(r"[/_.]+", path)))


def lives(mutant: Mutant, copy_of: Path) -> bool:
    """Return whether the tests of its file pass all the same."""
    target = copy_of / mutant.path
    whole = target.read_bytes()
    target.write_text(mutant.source, encoding="utf-8")
    options = ("-x", "-q", "-p", "no:cacheprovider", "--timeout", str(SECONDS))
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", *options, *tests_of(copy_of, mutant.path)],
            cwd=copy_of,
            capture_output=True,
            check=False,
        )
    finally:
        target.write_bytes(whole)
    return done.returncode == 0


def main(arguments: t.Sequence[str]) -> int:
    """Try the mutants; the exit code is 0, because only a reviewer knows which survivors are faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.mutants")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--under", default="plugins")
    given = parser.parse_args(arguments)
    living: collections.Counter[str] = collections.Counter()
    tried: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy_of = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy_of)], check=True)
        for mutant in sampled(copy_of, given.under, given.count, given.seed):
            tried[mutant.kind] += 1
            print(f"{tried.total()}: {mutant.path}:{mutant.line} {mutant.kind}", flush=True)
            if lives(mutant, copy_of):
                living[mutant.kind] += 1
                print(
                    f"lives: {mutant.path}:{mutant.line} {mutant.kind}: {mutant.before} -> {mutant.after}", flush=True
                )
    kinds = ", ".join(f"{kind} {living[kind]} of {number}" for kind, number in sorted(tried.items()))
    print(f"{living.total()} of {tried.total()} live: {kinds}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
