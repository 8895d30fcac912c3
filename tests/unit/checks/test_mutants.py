# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The campaign of mutants can mutate every place that it names, and finds the tests of a file."""

from __future__ import annotations

import ast

from tests.campaigns import mutants
from tests.support.cloud import ROOT

SOURCE = '''
LIMIT = 3

def chosen(given: list[str], limit: int = 2) -> list[str]:
    """Text for people."""
    if not given:
        log("nothing")
        return sorted(given)
    found = [one for one in given if one != "x" and len(one) > limit]
    return found if True else None
'''
EXPECTED = [
    ("condition", "if not given:"), ("not", "not given"), ("statement", "log('nothing')"), ("text", "'nothing'"),
    ("return", "return sorted(given)"), ("filter", "for one in given"), ("operator", "one != 'x' and len(one) > limit"),
    ("comparison", "one != 'x'"), ("text", "'x'"), ("comparison", "len(one) > limit"),
    ("return", "return found if True else None"), ("condition", "found if True else None"), ("bool", "True"),
]  # fmt: skip


def test_each_place_is_made_wrong_once() -> None:
    every = [mutants.made("x.py", SOURCE, number) for number in range(len(mutants.places(ast.parse(SOURCE))))]
    plain = ast.unparse(ast.parse(SOURCE))
    assert [
        (one.kind, one.before.strip().splitlines()[0][: len(begin)])
        for one, (_kind, begin) in zip(every, EXPECTED, strict=True)
    ] == EXPECTED
    assert all(one.source != plain for one in every)
    assert len({one.source for one in every}) == len(every)


def test_a_file_is_tried_by_the_tests_about_it_first() -> None:
    assert mutants.tests_of(ROOT, "plugins/module_utils/_plan/compare.py")[0].endswith("test_plan_compare.py")
    assert mutants.tests_of(ROOT, "plugins/modules/ecs_cluster.py")[0].endswith("modules/test_ecs_cluster.py")
