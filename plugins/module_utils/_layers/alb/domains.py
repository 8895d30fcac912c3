# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the hosted zone and the certificate of a domain name.  Plain dicts in and out."""

from __future__ import annotations

import datetime
import typing as t

from ..._aws.refused import RefusedError

# ACM renews at least 45 days before expiry: a certificate with less left was not renewed.
# https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
RENEWED_BY = datetime.timedelta(days=30)

Raw = t.Mapping[str, t.Any]


def canonical(name: str) -> str:
    """Return a domain name in lower case, without the trailing dot, and with C(*) in place of Route 53's C(\\052)."""
    return name.lower().rstrip(".").replace("\\052", "*")


def hosted_zone(zones: t.Iterable[Raw], name: str) -> Raw | None:
    """Return the public hosted zone that holds I(name): the one with the longest name.

    Raises RefusedError if two zones have that name.
    """
    can = holding(zones, name)
    longest = max((len(canonical(zone["Name"])) for zone in can), default=0)
    best = [zone for zone in can if len(canonical(zone["Name"])) == longest]
    if len(best) > 1:
        ids = ", ".join(sorted(zone_id(zone) for zone in best))
        raise RefusedError(
            f"{len(best)} public hosted zones are named {canonical(best[0]['Name'])}: {ids}."
            " Set alb_hosted_zone_id to one of them."
        )
    return best[0] if best else None


def holding(zones: t.Iterable[Raw], name: str) -> list[Raw]:
    """Return every public hosted zone that can hold I(name): an earlier run's record may be in any of them."""
    wanted = canonical(name)
    return [
        zone
        for zone in zones
        if not zone.get("Config", {}).get("PrivateZone", False) and f".{wanted}".endswith(f".{canonical(zone['Name'])}")
    ]


def zone_id(zone: Raw) -> str:
    """Return the bare id of a hosted zone."""
    return str(zone["Id"]).rpartition("/")[2]


def covers(pattern: str, name: str) -> bool:
    """Return whether a certificate's name covers I(name): the same name, or a wildcard for its first label.

    https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
    """
    pattern, name = canonical(pattern), canonical(name)
    return pattern == name or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])


def certificate(certificates: t.Iterable[Raw], names: t.Sequence[str]) -> Raw | None:
    """Return the issued certificate that covers all I(names); of several, the one that expires last."""
    issued = [entry for entry in covering(certificates, names) if entry["Status"] == "ISSUED"]
    return max(issued, key=lambda entry: (str(entry.get("NotAfter", "")), entry["CertificateArn"]), default=None)


def renewed(certificates: t.Iterable[Raw], now: datetime.datetime) -> list[Raw]:
    """Return the certificates that ACM renews automatically, and whose renewal is not overdue."""
    return [
        entry
        for entry in certificates
        if entry.get("RenewalEligibility") == "ELIGIBLE" and entry["NotAfter"] - now > RENEWED_BY
    ]


def covering(certificates: t.Iterable[Raw], names: t.Sequence[str]) -> list[Raw]:
    """Return the certificates, issued or not, that cover all I(names)."""
    return [
        entry
        for entry in certificates
        if all(any(covers(pattern, name) for pattern in _patterns(entry)) for name in names)
    ]


def _patterns(entry: Raw) -> list[str]:
    return [entry["DomainName"], *(entry.get("SubjectAlternativeNameSummaries") or [])]
