# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Arguments of filters as ansible-core's templates hand them over: dicts whose items and values are generators."""

from __future__ import annotations

import functools
import typing as t


class LazyDict(dict[t.Any, t.Any]):
    def items(self) -> t.Iterator[tuple[t.Any, t.Any]]:  # type: ignore[override]
        yield from super().items()

    def values(self) -> t.Iterator[t.Any]:  # type: ignore[override]
        yield from super().values()


def lazy(value: t.Any) -> t.Any:
    """Return I(value) with every dict in it, at any depth, as a template's."""
    if isinstance(value, t.Mapping):
        return LazyDict((key, lazy(one)) for key, one in value.items())
    return [lazy(one) for one in value] if isinstance(value, list) else value


def as_in_templates(filters: t.Mapping[str, t.Callable[..., t.Any]]) -> dict[str, t.Callable[..., t.Any]]:
    """Return the filters so that whatever they are called with is a template's."""

    def called(one: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        @functools.wraps(one)
        def call(*arguments: t.Any, **named: t.Any) -> t.Any:
            return one(*lazy(list(arguments)), **lazy(named))

        return call

    return {name: called(one) for name, one in filters.items()}
