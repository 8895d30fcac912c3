# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable

from tests.unit.plugins.foreign_text import SAID, wrong

FORMS = [printable.line, printable.one_line, printable.message]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("said", "shown"), SAID.values(), ids=SAID)
def test_nothing_reaches_the_terminal_that_it_obeys(form, said, shown):
    assert wrong([form(said)]) == []
    assert shown is None or form(said) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "한글과 emoji 🙂", "tab\tseparated", "e\u0301", "a\u00a0b", "क\u200dष", "☃ → …"]
)
@pytest.mark.parametrize("form", FORMS)
def test_what_does_nothing_is_left_as_it_is(form, text):
    assert form(text) == text
    assert form(form(text)) == text


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        (printable.line, "2026 task Traceback:\n      File x\n    ok: [host]"),
        (printable.one_line, r"2026 task Traceback:\n  File x\nok: [host]\n"),
        (printable.message, "2026 task Traceback:\n      File x\n    ok: [host]\n"),
    ],
)
def test_a_newline_of_theirs(form, shown):
    assert form("2026 task Traceback:\r\n  File x\nok: [host]\n") == shown


@pytest.mark.parametrize(
    "second",
    [
        "plain",
        "\u200dok: [h]",
        "\u00adok: [h]",
        "\u3164TASK [x]",
        "\u2800ok: [h]",
        "\u034fok: [h]",
        "\ufe0fok: [h]",
        "host                       : ok=9    changed=0    unreachable=0    failed=0",
        "ASYNC OK on h: jid=1",
        "ERROR! gone",
        "   ok: [h]",
    ],
)
@pytest.mark.parametrize("form", [printable.line, printable.message])
def test_no_further_line_of_theirs_begins_where_lines_of_ours_do(form, second):
    assert form(f"x\n{second}\n\ny") == f"x\n    {second}\n{'    ' if form is printable.line else ''}\n    y"


def test_what_was_indented_before_stays_so():
    once = printable.message("x\nok: [h]\n  y")
    assert printable.message(once) == once == "x\n    ok: [h]\n      y"


def test_sentences_of_ours_stay_where_they_are():
    texts = ["vpc_zones: ok is not a zone.", "Service 'a\nok: [h]': okay is fine.", "PLAY is fine."]
    assert printable.sentences(texts) == (
        "vpc_zones: ok is not a zone.\nService 'a\n    ok: [h]': okay is fine.\nPLAY is fine."
    )


def test_all_texts_of_a_result():
    assert printable.all_of({"msg": "\x1b[2J", "a": [{"\x07": ("\x9b", 1, None, True)}]}) == {
        "msg": r"\x1b[2J",
        "a": [{r"\x07": [r"\x9b", 1, None, True]}],
    }
