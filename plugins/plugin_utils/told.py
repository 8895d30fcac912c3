# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports unexpected exceptions of filters as bugs, without values; Ansible would print the exception."""

from __future__ import annotations

import functools
import re
import types
import typing as t

from ansible.errors import AnsibleError, AnsibleFilterError
from jinja2.exceptions import TemplateError

from ..module_utils._aws import defect

Filter = t.Callable[..., t.Any]
EXPECTED = (AnsibleError, TemplateError, OSError)
"""Errors that Ansible reports, as they are not bugs."""
_BEFORE = re.compile(r"\A.*?The filter plugin 'magiclub\.fargate\.\w+' failed: ")


def filters(every: t.Mapping[str, Filter]) -> dict[str, Filter]:
    """Return the filters by name, wrapped for C(FilterModule.filters)."""
    return {name: _told(name, one) for name, one in every.items()}


def _told(name: str, one: Filter) -> Filter:
    @functools.wraps(one)
    def called(*arguments: t.Any, **named: t.Any) -> t.Any:
        try:
            result = one(*arguments, **named)
            return list(result) if isinstance(result, types.GeneratorType) else result
        except EXPECTED:
            raise
        except Exception as error:
            raise AnsibleFilterError(defect.sentence(error, f"use the filter magiclub.fargate.{name}")) from None

    return called


def ours(message: str) -> str:
    """Return the message of a failed task, without Ansible's prefix if one of our filters has failed."""
    return _BEFORE.sub("", message, count=1)
