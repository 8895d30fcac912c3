# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers to read calls, in files: recorded once from the local AWS, and replayed in unit tests.

``python -m tests.campaigns.adopt_answers`` records them.
"""

from __future__ import annotations

import json
import typing as t

from botocore.exceptions import ClientError

from .cloud import ROOT

FIXTURES = ROOT / "tests" / "unit" / "fixtures" / "adopt"
ACCOUNT = "123456789012"
INPUTS = {
    "name_prefix": "shop-an2p",
    "region": "ap-northeast-2",
    "tags": {"Project": "shop", "ManagedBy": "ansible"},
}

Answers = dict[str, t.Any]


def key(service: str, operation: str, arguments: t.Mapping[str, t.Any]) -> str:
    """Return the key of a call."""
    return f"{service} {operation} {json.dumps(arguments, sort_keys=True)}"


class Recorder:
    """A client that calls another one, and records the answers; paginated ones as a list of pages."""

    def __init__(self, service: str, client: t.Any, answers: Answers) -> None:
        self._service, self._client, self._answers = service, client, answers

    def __getattr__(self, operation: str) -> t.Callable[..., t.Any]:
        def ask(**arguments: t.Any) -> t.Any:
            place = key(self._service, operation, arguments)
            try:
                answer = getattr(self._client, operation)(**arguments)
            except ClientError as error:
                self._answers[place] = {"Error": error.response["Error"]}
                raise
            self._answers[place] = {**answer, "ResponseMetadata": {}}
            return answer

        return ask

    def get_paginator(self, operation: str) -> t.Any:
        return _Pages(lambda arguments: self._pages(operation, arguments))

    def _pages(self, operation: str, arguments: dict[str, t.Any]) -> list[t.Any]:
        pages = list(self._client.get_paginator(operation).paginate(**arguments))
        self._answers[key(self._service, operation, arguments)] = [{**page, "ResponseMetadata": {}} for page in pages]
        return pages


class Player:
    """A client that replays recorded answers.  Raises KeyError for any other call."""

    def __init__(self, service: str, answers: Answers) -> None:
        self._service, self._answers = service, answers

    def __getattr__(self, operation: str) -> t.Callable[..., t.Any]:
        def answer(**arguments: t.Any) -> t.Any:
            found = self._answers[key(self._service, operation, arguments)]
            if "Error" in found:
                raise ClientError(found, operation)
            return found

        return answer

    def get_paginator(self, operation: str) -> t.Any:
        return _Pages(lambda arguments: self._answers[key(self._service, operation, arguments)])


class _Pages:
    def __init__(self, of: t.Callable[[dict[str, t.Any]], list[t.Any]]) -> None:
        self._of = of

    def paginate(self, **arguments: t.Any) -> list[t.Any]:
        return self._of(arguments)


def answers_of(name: str) -> Answers:
    """Return the recorded answers about a service."""
    return t.cast("Answers", json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")))
