# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text where a role takes a list or a dictionary: its argument spec lets it pass, and a loop would read its letters."""

from __future__ import annotations

import json
import typing as t

Option = t.Mapping[str, t.Any]

KINDS = {"list": "list", "dict": "dictionary"}
ENTRY = {"KEY": "VALUE"}


def texts(
    variables: t.Mapping[str, t.Any], inputs: t.Mapping[str, Option], template: t.Callable[[str], t.Any]
) -> list[str]:
    """Return a sentence for each of a role's I(inputs), as its argument spec has them, that is text and may not be."""
    typed = {name: option for name, option in inputs.items() if option.get("type") in KINDS}
    given = {name: template(variables[name]) for name in typed if isinstance(variables.get(name), str)}
    return [_sentence(name, value, typed[name]) for name, value in given.items() if isinstance(value, str)]


def _sentence(name: str, value: str, option: Option) -> str:
    shown, example = "text", t.cast("t.Any", ENTRY if option["type"] == "dict" else [ENTRY])
    if option.get("elements") == "str":
        # that of others may hold a secret
        shown, example = f"the text '{value}'", _listed(value)
    kind = KINDS[option["type"]]
    return f"{name} is {shown}, and has to be a {kind}. Give it as -e '{json.dumps({name: example})}'."


def _listed(text: str) -> list[t.Any]:
    try:
        known = json.loads(text)
    except ValueError:
        known = None
    return known if isinstance(known, list) else [part.strip() for part in text.split(",") if part.strip()]
