# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbooks, run as users that may do no more than a policy says: who deploys, and who only looks.

``python -m tests.house.principals`` runs them as users that may do all, and writes docs/iam/*.json from their calls.
"""

from __future__ import annotations

import json
import sys
import tempfile
import typing as t
from pathlib import Path

from . import iam
from .account import Account
from .ansible_run import Run
from .bare import Bare, bare_cloud
from .cloud import Cloud
from .drifts import DRIFTS, Found

# a key that is not of twelve digits belongs to this account, and so do its users
ACCOUNT = "000000000000"
ALL: iam.Data = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

STATUS = "playbooks/status.yml"

Calls = list[dict[str, t.Any]]


class Principal(t.NamedTuple):
    """An IAM user: the platform as it runs it, and its access key."""

    bare: Bare
    key: str
    name: str

    @classmethod
    def make(cls, cloud: Cloud, folder: Path, name: str, policies: t.Sequence[iam.Data]) -> Principal:
        """Return a new user that may do what I(policies) say, and no more."""
        account = Account(cloud.endpoint, ACCOUNT, cloud.calls_path, 0)
        client = account.client("iam")
        client.create_user(UserName=name)
        key = client.create_access_key(UserName=name)["AccessKey"]
        secret = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        made = cls(Bare.of(account, folder / name, secret), key["AccessKeyId"], name)
        made.may(policies)
        return made

    def may(self, policies: t.Sequence[iam.Data]) -> None:
        """Let it do from now on what I(policies) say, and no more."""
        client = self.bare.account.client("iam")
        for number, policy in enumerate(policies):
            document = json.dumps(policy)
            client.put_user_policy(UserName=self.name, PolicyName=f"part-{number}", PolicyDocument=document)

    def calls(self) -> Calls:
        """Return what this user called; requests to the registry bear no key, and only one user pushes."""
        return [call for call in self.bare.account.calls() if call["key"] == self.key or call["service"] == "registry"]


class Exercise(t.NamedTuple):
    """The runs of both users by what they were, and both users' calls."""

    runs: dict[str, Run]
    deployer: Calls
    viewer: Calls


def exercise(
    cloud: Cloud, folder: Path, deployer_may: t.Sequence[iam.Data], viewer_may: t.Sequence[iam.Data]
) -> Exercise:
    """Plan, make, mend every drift, look, plan again, and remove; stop at the first run that fails."""
    deployer = Principal.make(cloud, folder, "deployer", deployer_may)
    viewer = Principal.make(cloud, folder, "viewer", viewer_may)
    steps: list[tuple[str, t.Callable[[], Run]]] = [
        ("plan of nothing", lambda: viewer.bare.site(check=True)),
        ("site", deployer.bare.site),
        ("update", lambda: _update(deployer.bare)),
        ("plan of all", lambda: viewer.bare.site(check=True)),
        ("status", lambda: viewer.bare.run(STATUS, **viewer.bare.options())),
        ("destroy", deployer.bare.destroy),
    ]
    runs: dict[str, Run] = {}
    for name, step in steps:
        runs[name] = step()
        if runs[name].rc != 0:
            break
    viewed = [call for call in viewer.calls() if call["service"] != "registry"]
    return Exercise(runs, deployer.calls(), viewed)


def _update(bare: Bare) -> Run:
    for drift, _name in DRIFTS:
        drift(Found(bare.account))
    return bare.site()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="iam-") as folder, bare_cloud(Path(folder) / "aws", "--auth") as cloud:
        done = exercise(cloud, Path(folder), [ALL], [ALL])
    failed = {name: run for name, run in done.runs.items() if run.rc != 0}
    for name, run in failed.items():
        print(f"{name} failed, so no policy was written: {run.message or run.text}", file=sys.stderr)
    if not failed:
        for name in iam.DEPLOYER:
            iam.write(name, done.deployer)
        for name in iam.VIEWER:
            iam.write(name, done.viewer)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
