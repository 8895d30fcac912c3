# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How corrections patch MiniStack, and the list of all corrections."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from local_aws import MINISTACK_VERSION


class CorrectionError(RuntimeError):
    """MiniStack is not the release that the corrections were written for."""


@dataclass(frozen=True)
class Correction:
    """One difference from AWS and its correction.

    :param service: the AWS service as botocore names it.
    :param aws: what AWS does, in one line.
    :param evidence: the AWS documentation page, or the botocore model, that documents it.
    :param apply: puts it in place; called once, before the first request.
    """

    service: str
    aws: str
    evidence: str
    apply: Callable[[], None]

    @property
    def name(self) -> str:
        return f"{self.service}.{self.apply.__name__}"


CORRECTIONS: list[Correction] = []


def corrects(service: str, aws: str, evidence: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function without arguments as a correction."""

    def enter(apply: Callable[[], None]) -> Callable[[], None]:
        CORRECTIONS.append(Correction(service, aws, evidence, apply))
        return apply

    return enter


def service(name: str) -> Any:
    """Return MiniStack's module for a service (untyped, and loaded lazily by MiniStack itself)."""
    return importlib.import_module(f"ministack.services.{name}")


def part(name: str) -> Any:
    """Return any other module of MiniStack, such as 'app' or 'core.router'."""
    return importlib.import_module(f"ministack.{name}")


def replace(module: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replace a function by ``make(original)``, also in the module's tables of actions."""
    original = getattr(module, name, None)
    if not callable(original):
        raise CorrectionError(
            f"{module.__name__} of MiniStack {version('ministack')} has no function {name!r}; the corrections "
            f"were written for {MINISTACK_VERSION}. Install ministack=={MINISTACK_VERSION}."
        )
    new = make(original)
    setattr(module, name, new)
    for table in [value for value in vars(module).values() if isinstance(value, dict)]:
        for action in [action for action, handler in table.items() if handler is original]:
            table[action] = new


def instead(handler: Any) -> Callable[[Any], Any]:
    """For ``replace``: use the handler instead of MiniStack's."""
    return lambda _original: handler


def unless(refusal: Callable[..., Any]) -> Callable[[Any], Any]:
    """For ``replace``: answer with ``refusal`` if that returns something, else as MiniStack."""

    def wrap(original: Any) -> Any:
        def call(*args: Any) -> Any:
            refused = refusal(*args)
            return original(*args) if refused is None else refused

        return call

    return wrap


def then(follow_up: Callable[[], None]) -> Callable[[Any], Any]:
    """For ``replace``: run MiniStack's function, then ``follow_up`` (for its reset functions)."""

    def wrap(original: Any) -> Any:
        def call() -> None:
            original()
            follow_up()

        return call

    return wrap


def apply_all() -> None:
    for correction in CORRECTIONS:
        correction.apply()
