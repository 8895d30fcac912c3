# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check that services keep answering during a change."""

from __future__ import annotations

import collections
import threading
import typing as t

from tests.support.no_containers import Bare

from .conftest import Clients, Platform


class Served(Clients):
    """Send a request to each service twice a second; C(right) counts the correct answers, C(wrong) has the others.

    :param asked: by the name of a service, a path and its answer.
    """

    pause = 0.5

    def __init__(self, bare: Bare, asked: t.Mapping[str, tuple[str, str]]) -> None:
        super().__init__(Platform(bare.account, bare.run))
        self._threads = [threading.Thread(target=self._of, args=(name, *one)) for name, one in asked.items()]
        self.right: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []

    def _of(self, name: str, path: str, expected: str) -> None:
        while not self._stop.wait(self.pause):
            try:
                answer = self._platform.get(path)
            except OSError as error:
                self.wrong.append(f"{name}: {error!r}")
                continue
            if (answer.status, answer.body) == (200, expected):
                self.right[name] += 1
            else:
                self.wrong.append(f"{name}: {answer.status} {answer.body}")
