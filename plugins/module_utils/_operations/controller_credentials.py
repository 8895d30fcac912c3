# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The credentials of AWX: which to keep, which to create, and their keys."""

from __future__ import annotations

import typing as t

Data = t.Mapping[str, t.Any]
Entry = dict[str, t.Any]

AWS_TYPE = "Amazon Web Services"


def with_kept_credentials(
    entries: t.Iterable[Data], held: t.Iterable[Data], credentials: t.Iterable[Data]
) -> list[Entry]:
    """Return job templates with the listed credentials, and those that users attached in AWX.

    AWX accepts one credential per type (several for Vault), so a listed one replaces that of its type.

    :param held: the job templates of AWX, with C(summary_fields.credentials).
    :param credentials: the credentials of AWX, with C(credential_type).
    """
    types = {one["id"]: one["credential_type"] for one in credentials}
    named = {one["name"]: one["id"] for one in credentials}
    of_template = {one["name"]: one["summary_fields"].get("credentials", []) for one in held}
    result = []
    for entry in entries:
        listed = [named[name] for name in entry["credentials"] if name in named]
        taken = {types[key] for key in listed}
        kept = [
            one["id"]
            for one in of_template.get(entry["name"], [])
            if one["id"] not in listed and (one.get("kind") == "vault" or types.get(one["id"]) not in taken)
        ]
        result.append({**entry, "credentials": [*entry["credentials"], *map(str, kept)]})
    return result


def missing_credentials(entries: t.Iterable[Data], held: t.Iterable[Data]) -> list[Data]:
    """Return the credentials that AWX lacks; existing ones are never overwritten."""
    names = {one["name"] for one in held}
    return [entry for entry in entries if entry["state"] == "present" and entry["name"] not in names]


def key_problems(missing: t.Iterable[Data], environ: t.Mapping[str, str]) -> list[str]:
    """Return the problems with the keys of the I(missing) credentials, with the next step.

    :param environ: the environment of the process, whose keys belong to one account.
    """
    keyed = [entry for entry in missing if _takes_keys(entry)]
    unnamed = [entry["name"] for entry in keyed if not _has_own(entry)]
    problems = []
    if len(unnamed) > 1:
        problems.append(
            f"Credentials {', '.join(unnamed)} are missing, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong to"
            " one account. Give each environment of tower_environments its aws_access_key_id and"
            " aws_secret_access_key, or a credential that AWX has, or make them one after the other."
        )
    return problems + [sentence for entry in keyed for sentence in _wrong_keys(entry, environ)]


def with_keys(missing: t.Iterable[Data], environ: t.Mapping[str, str]) -> list[Entry]:
    """Return the credentials with their own keys, or those of the environment."""
    return [
        {**entry, "inputs": {**entry["inputs"], **(_keys(entry, environ) if _takes_keys(entry) else {})}}
        for entry in missing
    ]


def _takes_keys(entry: Data) -> bool:
    return entry["credential_type"] == AWS_TYPE or entry["inputs"].get("source") == "keys"


def _key_names(entry: Data) -> tuple[str, str]:
    of_aws = entry["credential_type"] == AWS_TYPE
    return ("username", "password") if of_aws else ("access_key_id", "secret_access_key")


def _has_own(entry: Data) -> bool:
    return bool(entry["inputs"].get(_key_names(entry)[0]))


def _keys(entry: Data, environ: t.Mapping[str, str]) -> dict[str, str]:
    given = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    names = _key_names(entry)
    if _has_own(entry):
        return {name: str(entry["inputs"].get(name) or "") for name in names}
    return {name: environ.get(variable, "") for name, variable in zip(names, given, strict=True)}


def _wrong_keys(entry: Data, environ: t.Mapping[str, str]) -> list[str]:
    name, own = entry["name"], _has_own(entry)
    key, secret = _keys(entry, environ).values()
    if not key or not secret:
        where = (
            "aws_access_key_id or aws_secret_access_key of its environment"
            if own
            else "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY in the environment"
        )
        return [
            f"Credential {name} is missing in AWX, and can't be made: {where} is not set. Set both to long-lived keys"
            " of the deployer, name a credential that AWX has, or set role_arn."
        ]
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    if key.startswith("ASIA") or (not own and environ.get("AWS_SESSION_TOKEN")):
        what = "begins with ASIA" if key.startswith("ASIA") else "comes with AWS_SESSION_TOKEN"
        return [
            f"Credential {name} would be made of temporary keys: the access key id {what}. They end within hours,"
            " and every job would fail then. Give long-lived keys (AKIA…) of a user who may only assume the deployer's"
            " role, with role_arn."
        ]
    return []
