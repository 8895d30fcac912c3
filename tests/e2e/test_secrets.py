# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing secret gets out: not in what a run prints at -vvvv, not in its facts, its log, its plan file or artifacts."""

from __future__ import annotations

import base64
import typing as t
from pathlib import Path

import pytest

from tests.house.account import Account
from tests.house.ansible_run import Run
from tests.house.bare import DESTROY, PREFIX, SITE, Bare, bare_cloud

# Words that nothing else has, so that finding one means that it got out.
PLANTED = {
    "the secret access key": "planted-access-key-7f1c",
    "the session token": "planted-session-token-52ab",
    "a secret of Secrets Manager": "planted-managed-secret-c0de",
    "a SecureString of SSM": "planted-secure-string-9b3e",
}
ENVIRONMENT_VALUE = "planted-environment-value-41aa"
CREDENTIALS = {
    "AWS_SECRET_ACCESS_KEY": PLANTED["the secret access key"],
    "AWS_SESSION_TOKEN": PLANTED["the session token"],
}
RUNS = {
    "plan": (SITE, True),
    "site": (SITE, False),
    "status": ("playbooks/status.yml", False),
    "verify": ("playbooks/verify.yml", False),
    "destroy": (DESTROY, False),
}


class Told(t.NamedTuple):
    """All that the runs let out: what they printed, and each file that they left, by name.

    C(token) is the registry's, in base64 as AWS gives it.
    """

    runs: dict[str, Run]
    texts: dict[str, str]
    token: str

    def naming(self, word: str) -> list[str]:
        """Return where a word is found."""
        return [name for name, text in self.texts.items() if word in text]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Told]:
    folder = tmp_path_factory.mktemp("secrets")
    with bare_cloud(folder / "aws") as cloud:
        account = Account.fresh(cloud.endpoint, cloud.calls_path)
        bare = Bare.of(account, folder / "run", {**CREDENTIALS, **_leaving(folder / "run")})
        yield _told(bare, folder / "run", _secrets(account))


def _leaving(folder: Path) -> dict[str, str]:
    """Return the settings by which a run leaves all it can: its log, and every host's facts."""
    return {
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_SHOW_CUSTOM_STATS": "true",
    }


def _secrets(account: Account) -> dict[str, str]:
    """Plant a secret of each kind; return the references that a service takes."""
    managed = account.client("secretsmanager").create_secret(
        Name="lotto/key", SecretString=PLANTED["a secret of Secrets Manager"]
    )
    account.client("ssm").put_parameter(
        Name="/lotto/token", Type="SecureString", Value=PLANTED["a SecureString of SSM"]
    )
    return {"KEY": managed["ARN"], "TOKEN": "/lotto/token"}


def _told(bare: Bare, folder: Path, secrets: dict[str, str]) -> Told:
    options = {"smoke": None, "secrets": secrets}
    variables = {
        "lotto_service_options": options,
        "lotto_service_environment": {"WORD": ENVIRONMENT_VALUE},
        "plan_file": str(folder / "plan.json"),
        "confirm": PREFIX,
    }
    runs = {
        name: bare.run(playbook, "-vvvv", **bare.options(check=check, **variables))
        for name, (playbook, check) in RUNS.items()
    }
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    texts = {name: path.read_text(encoding="utf-8", errors="replace") for name, path in files.items()}
    token = bare.account.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return Told(runs, {**{f"output of {name}": run.text for name, run in runs.items()}, **texts}, token)


def test_the_runs_ended_well_and_left_everything_that_is_looked_at(told: Told) -> None:
    assert {name: run.message for name, run in told.runs.items() if run.rc != 0 and name != "verify"} == {}
    assert {"plan.json", "ansible.log"} <= set(told.texts)
    assert any(name.startswith("facts/") for name in told.texts)
    # the references are known to all of them, so the runs did look after these secrets
    assert "/lotto/token" in told.texts["output of site"]
    assert told.naming("fargate_plan")


def in_base64(word: str) -> str:
    return base64.b64encode(word.encode()).decode()


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("encode", [str, in_base64])
def test_a_planted_secret_is_found_nowhere(told: Told, kind: str, encode: t.Callable[[str], str]) -> None:
    assert told.naming(encode(PLANTED[kind])) == []


def test_the_token_of_the_registry_is_found_nowhere(told: Told) -> None:
    pushed = [item for item in told.runs["site"].results if item["action"] == "magiclub.fargate.ecr_image"]
    assert pushed, "No image was pushed, so no token was asked for."
    _user, _colon, password = base64.b64decode(told.token).decode().partition(":")
    assert told.naming(told.token) + told.naming(password) == []


def test_values_of_environment_variables_are_not_in_a_plan(told: Told) -> None:
    assert ENVIRONMENT_VALUE not in told.texts["plan.json"]
    assert "(sensitive)" in told.texts["output of plan"]
