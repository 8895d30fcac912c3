# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform for tests of creation, change and removal: without containers, nothing runs, so nothing is slow."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t
from pathlib import Path

from local_aws import engine

from .account import Account
from .ansible_run import Run, Runner
from .cloud import Cloud, free_port

PREFIX = "magiclub-an2p"
INVENTORY = "inventories/local"
SITE, DESTROY = "playbooks/site.yml", "playbooks/destroy.yml"

Named = tuple[str, str]


class Local(t.Protocol):
    """A local AWS."""

    @property
    def endpoint(self) -> str: ...

    @property
    def calls_path(self) -> Path | None: ...


@contextlib.contextmanager
def bare_cloud(folder: Path, *options: str) -> t.Iterator[Cloud]:
    """Run a separate local AWS whose tasks have no containers; images are still built by a Docker engine."""
    cloud = Cloud(free_port(), folder, options=("--no-containers", *options))
    cloud.up()
    try:
        engine.ensure(cloud.state_dir)
        yield cloud
    finally:
        # this also stops the engine if it was started here
        cloud.down()


@dataclasses.dataclass(frozen=True)
class Bare:
    """The platform of an account whose image has one file, and whose service gets no smoke request."""

    account: Account
    run: Runner
    variables: t.Mapping[str, t.Any]
    prefix: str = PREFIX

    @classmethod
    def fresh(cls, cloud: Local, folder: Path) -> Bare:
        """Return a platform in a new account."""
        return cls.of(Account.fresh(cloud.endpoint, cloud.calls_path), folder)

    @classmethod
    def of(cls, account: Account, folder: Path, environment: t.Mapping[str, str] | None = None) -> Bare:
        """Return a platform in an account, run with the account's credentials or those of I(environment)."""
        context = folder / "context"
        context.mkdir(parents=True)
        (context / "Dockerfile").write_text("FROM scratch\nCOPY hello /hello\n", encoding="utf-8")
        (context / "hello").write_text("hello\n", encoding="utf-8")
        variables = {"ecr_push_build": {"path": str(context)}, "lotto_service_options": {"smoke": None}}
        return cls(account, Runner({**account.environment, **(environment or {})}, folder), variables)

    def beside(self, project: str, prefix: str, **variables: t.Any) -> Bare:
        """Return another project's platform in the same account; names in its network may be the same."""
        more = {"fargate_project": project, **variables}
        return dataclasses.replace(self, prefix=prefix, variables={**self.variables, **more})

    def site(self, *arguments: str, **options: t.Any) -> Run:
        return self.run(SITE, *arguments, **self.options(**options))

    def destroy(self, *arguments: str, **options: t.Any) -> Run:
        return self.run(DESTROY, *arguments, **self.options(confirm=self.prefix, **options))

    def options(self, endpoint: str | None = None, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """Return the options of a run of this platform, with C(more) as further variables."""
        inventory = {"ANSIBLE_INVENTORY": INVENTORY, "MAGICLUB_ENDPOINT": endpoint or self.account.endpoint}
        return {"env": inventory, "check": check, "extra_vars": {**self.variables, **more}}


def planned(path: Path, *actions: str) -> list[Named]:
    """Return type and name of each change of a plan file, in its order: those of I(actions), or all."""
    return [(change["type"], change["name"]) for change in plan_of(path) if not actions or change["action"] in actions]


def plan_of(plan: Path | t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return all changes of a plan, or of a plan file."""
    layers = (json.loads(plan.read_text(encoding="utf-8")) if isinstance(plan, Path) else plan)["layers"]
    return [change for layer in layers.values() for change in layer["changes"]]
