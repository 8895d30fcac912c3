# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks at the start of a run the conditions that are evaluated at its end."""

from __future__ import annotations

import typing as t

from ansible.plugins.loader import filter_loader, test_loader
from jinja2 import Environment, TemplateSyntaxError, meta, nodes

ANSWER = "response"
# Names in templates other than variables: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_templating.html
_FUNCTIONS = ("cycler", "dict", "joiner", "lipsum", "lookup", "namespace", "now", "q", "query", "range", "undef")
OF_TEMPLATES = frozenset((*_FUNCTIONS, "groups", "hostvars", "omit", "vars"))


def wrong(text: str, variables: t.Container[str]) -> t.Iterator[str]:
    """Yield the problems of a condition on C(response), given the known I(variables)."""
    environment = Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
    try:
        tree = environment.parse(f"{{{{ {text} }}}}")
    except TemplateSyntaxError as error:
        yield f"is not a valid expression ({error.message}). Correct it; text in it needs quotes of its own."
        return
    unknown = [
        *_unknown("filter", _names(tree, nodes.Filter), environment.filters, filter_loader),
        *_unknown("test", _names(tree, nodes.Test), environment.tests, test_loader),
    ]
    yield from unknown
    for name in [] if unknown else sorted(meta.find_undeclared_variables(tree) - OF_TEMPLATES):
        if name != ANSWER and name not in variables:
            yield f"names {name}, which is not a variable. The answer is {ANSWER}: its status, body, json and headers."


def _names(tree: nodes.Template, kind: type[nodes.Filter | nodes.Test]) -> set[str]:
    return {node.name for node in tree.find_all(kind) if node.name}


def _unknown(what: str, used: set[str], known: dict[str, t.Any], loader: t.Any) -> t.Iterator[str]:
    """Yield a message for each name that neither Jinja nor Ansible has; adds those of Ansible to I(known)."""
    for name in sorted(used - known.keys()):
        if _exists(loader, name):
            known[name] = str
        else:
            yield f"has the {what} {name}, which Ansible does not have. Correct it."


def _exists(loader: t.Any, name: str) -> bool:
    try:
        return bool(loader.get(name))
    except KeyError:
        return False
