# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""README.md as a new user follows it: every command unchanged, in its order, in a separate checkout.

The README's prose before a command is followed here, too: credentials, zone, certificate and inventory. Two
lines of the inventory differ, because AWS itself and public registries can't be reached from
here: C(fargate_endpoint_url) names the local AWS, and the image is built on the local AWS's base image.
C(.venv) is this Python's own, so that pip need not install everything again. AWX is tests/support/controller.py.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.conftest import Emulator
from tests.support import checkout
from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.certificate import self_signed
from tests.support.cloud import ROOT, free_port
from tests.support.controller import NEEDS_MODULES, Controller, serving
from tests.support.readme import commands, outputs

from .conftest import BASE, PREFIX, Platform, is_lucky

README = ROOT / "README.md"
DOMAIN = "your.company.com"
LOTTO = f"{PREFIX}-lotto"
TOWER = "ansible-playbook playbooks/tower.yml -i localhost,"
SECONDS = 900
SHOP = """
import http.server


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"open")


http.server.ThreadingHTTPServer(("", 8000), Shop).serve_forever()
"""
# variables of this machine that a new user's must not have
OURS = ("AWS_", "ANSIBLE_", "MAGICLUB_", "LOCAL_AWS_", "VIRTUAL_ENV", "MAKE", "MFLAGS", "CONTROLLER_")


@dataclasses.dataclass
class Stranger:
    """Someone at a shell in a fresh checkout, with an AWS account and an AWX controller."""

    folder: Path
    environment: dict[str, str]
    platform: Platform
    controller: Controller
    sourced: list[str] = dataclasses.field(default_factory=list)

    def types(self, command: str) -> str:
        """Type a command into the same shell as those before; return the output if it succeeds."""
        done = self.shell(command)
        assert done.returncode == 0, done.stdout
        if command.startswith(". "):
            self.sourced.append(command)
        return done.stdout

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", " && ".join([*self.sourced, command])],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def edits(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def tasks(self) -> set[str]:
        ecs = self.platform.account.client("ecs")
        return set(ecs.list_tasks(cluster=f"{PREFIX}-ecs", serviceName=LOTTO)["taskArns"])


@pytest.fixture(scope="module")
def stranger(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Stranger]:
    folder = checkout.copy(tmp_path_factory.mktemp("stranger") / "magiclub.fargate")
    (folder / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        (folder / ".venv" / path.name).symlink_to(path)
    (folder / ".venv" / "run.stamp").unlink(missing_ok=True)
    (folder / ".venv" / "run.stamp").touch()
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    demo = {
        "LOCAL_AWS_STATE_DIR": str(tmp_path_factory.mktemp("demo")),
        "MAGICLUB_ENDPOINT": f"http://127.0.0.1:{free_port()}",
    }
    controller = Controller()
    with serving(controller) as url:
        awx = {"CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": "any"}
        platform = Platform(account, Runner(account.environment, folder))
        someone = Stranger(folder, {**plain, **demo, **awx}, platform, controller)
        yield someone
        someone.shell("make down")
    account.stop_services()


def shape(text: str) -> list[str]:
    """Return the summary of a run without the parts that differ from run to run."""
    summary = text[text.index(f"{PREFIX} in ") : text.index("Done: ")]
    for pattern, name in ((r"\d+ s$", "SECONDS"), (r"[0-9a-f-]{16,64}", "HASH"), (r"localhost:\d+", "localhost:PORT")):
        summary = re.sub(pattern, name, summary, flags=re.MULTILINE)
    return [" ".join(line.split()) for line in re.sub(r"\[[\d, ]+\]", "SIX", summary).splitlines()]


def address(text: str) -> str:
    found = re.search(r"Address:? +(http\S+)", text)
    assert found, text
    return found[1]


def as_shown_and_serving(stranger: Stranger, text: str) -> None:
    [shown] = outputs(README)
    assert shape(text) == shape(shown)
    [asked] = re.findall(r"^ +Try: +(.+)$", text, re.MULTILINE)
    assert is_lucky(json.loads(stranger.types(f"{asked} --silent --fail --show-error")))


def has_ansible(stranger: Stranger, _text: str) -> None:
    assert str(sys.prefix) in stranger.types("command -v ansible-playbook")


def shows_the_address_that_answers(stranger: Stranger, text: str) -> None:
    assert "All services serve." in text
    assert is_lucky(json.loads(stranger.types(f"curl --silent --fail {address(text)}/api/lotto/lucky")))


def has_an_application(stranger: Stranger) -> None:
    folder = stranger.folder.parent / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(SHOP, encoding="utf-8")
    dockerfile = f'FROM {BASE}\nCOPY app.py /\nEXPOSE 8000\nCMD ["python3", "/app.py"]\n'
    (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")


def answers_where_it_says(stranger: Stranger, text: str) -> None:
    [asked] = re.findall(r"^ +Try: +(.+)$", text, re.MULTILINE)
    assert stranger.types(f"{asked} --silent --fail --show-error") == "open"


def stopped(stranger: Stranger, _text: str) -> None:
    assert stranger.shell("curl --silent $MAGICLUB_ENDPOINT").returncode == 7, "something answers there"


def goes_to_aws(stranger: Stranger) -> None:
    account = stranger.platform.account
    del stranger.environment["MAGICLUB_ENDPOINT"]
    credentials = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    stranger.environment.update({name: account.environment[name] for name in credentials})
    certificate, key = self_signed(DOMAIN)
    account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    account.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="stranger")
    poc = "inventories/poc/group_vars/all"
    stranger.edits(f"{poc}/main.yml", 'fargate_endpoint_url: ""', f"fargate_endpoint_url: {account.endpoint}")
    shutil.copy(stranger.folder / "inventories/local/group_vars/all/ecr_push.yml", stranger.folder / poc)


def planned_and_nothing_made(stranger: Stranger, text: str) -> None:
    assert re.search(r"Plan: \d+ to add, 0 to change, 0 to remove\.", text), text
    assert f"ecs_service {LOTTO}" in text
    made = {call["action"] for call in stranger.platform.account.writes()}
    assert made == {"ImportCertificate", "CreateHostedZone"}


def serves(stranger: Stranger, _text: str) -> None:
    answer = stranger.platform.get("/api/lotto/lucky", port=443)
    assert answer.status == 200, answer
    assert is_lucky(json.loads(answer.body))


def changes_the_source(stranger: Stranger) -> None:
    stranger.edits("lotto_app/src/lotto_app/__init__.py", "__version__", "CHANGED = True\n__version__")


def runs_revision(number: int, stranger: Stranger, _text: str) -> None:
    assert stranger.platform.service()["taskDefinition"].endswith(f"/{LOTTO}:{number}")
    assert len(stranger.platform.service()["deployments"]) == 1


def says(sentence: str, _stranger: Stranger, text: str) -> None:
    assert sentence in text, text


def runs_two(stranger: Stranger, _text: str) -> None:
    assert len(stranger.tasks()) == 2


def remembers_the_tasks(stranger: Stranger) -> None:
    stranger.environment["TASKS"] = ",".join(stranger.tasks())


def has_other_tasks(stranger: Stranger, _text: str) -> None:
    before = set(stranger.environment.pop("TASKS").split(","))
    assert len(stranger.tasks()) == len(before) == 2
    assert not stranger.tasks() & before


def left_nothing(stranger: Stranger, _text: str) -> None:
    assert stranger.platform.account.left(PREFIX) == []


def told_the_controller(stranger: Stranger, _text: str) -> None:
    assert {"magiclub poc site", "magiclub poc rollback"} <= set(stranger.controller.names("job_templates"))


def nothing(_stranger: Stranger) -> None:
    pass


POC = "-i inventories/poc"
# each command with the steps before it and the checks after it
STEPS: dict[str, tuple[t.Callable[[Stranger], None], t.Callable[[Stranger, str], None]]] = {
    "make demo": (nothing, as_shown_and_serving),
    ". .venv/bin/activate": (nothing, has_ansible),
    "ansible-playbook playbooks/status.yml -i inventories/local": (nothing, shows_the_address_that_answers),
    "ansible-playbook playbooks/init.yml -e source=../shop -e local=true": (
        has_an_application,
        functools.partial(says, "ansible-playbook playbooks/site.yml -i inventories/shop"),
    ),
    "ansible-playbook playbooks/site.yml -i inventories/shop": (nothing, answers_where_it_says),
    "make down": (nothing, stopped),
    f"ansible-playbook playbooks/site.yml {POC} --check --diff": (goes_to_aws, planned_and_nothing_made),
    f"ansible-playbook playbooks/site.yml {POC}": (nothing, serves),
    f"ansible-playbook playbooks/site.yml {POC} --tags ecr_push,lotto_service": (
        changes_the_source,
        functools.partial(runs_revision, 2),
    ),
    f"ansible-playbook playbooks/status.yml {POC}": (nothing, functools.partial(says, "All services serve.")),
    f"ansible-playbook playbooks/logs.yml {POC} -e service=lotto -e since=1h": (
        nothing,
        functools.partial(says, "/api/lotto/lucky"),
    ),
    f"ansible-playbook playbooks/verify.yml {POC}": (
        nothing,
        functools.partial(says, f"{LOTTO}: nothing found that would make a deployment fail."),
    ),
    f"ansible-playbook playbooks/rollback.yml {POC} -e service=lotto": (nothing, functools.partial(runs_revision, 1)),
    f"ansible-playbook playbooks/scale.yml {POC} -e service=lotto -e desired_count=2": (nothing, runs_two),
    f"ansible-playbook playbooks/refresh.yml {POC} -e service=lotto": (remembers_the_tasks, has_other_tasks),
    f"""ansible-playbook playbooks/run.yml {POC} -e service=lotto -e '{{"command": ["python3", "--version"]}}'""": (
        nothing,
        functools.partial(says, "Python 3."),
    ),
    f"ansible-playbook playbooks/destroy.yml {POC} -e confirm={PREFIX} -e ecr_push_force_delete=true": (
        nothing,
        left_nothing,
    ),
    TOWER: (nothing, told_the_controller),
}


def test_every_command_is_run_in_the_order_it_stands() -> None:
    assert commands(README) == list(STEPS)


@pytest.mark.parametrize(
    "command", [pytest.param(command, marks=NEEDS_MODULES if command == TOWER else ()) for command in STEPS]
)
def test_command(stranger: Stranger, command: str) -> None:
    before, after = STEPS[command]
    before(stranger)
    after(stranger, stranger.types(command))
