# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ACM: an imported certificate has the names of its PEM, and one in use can't be deleted."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local_aws.corrections._patch import corrects, replace, service


def names_in(pem: str) -> tuple[str, list[str], str, str]:
    """Return (common or first name, all DNS names, not before, not after) of a PEM certificate; times as ISO 8601."""

    certificate = x509.load_pem_x509_certificate(pem.encode())
    common = [str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = list(alternatives.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        names = []
    domain = common[0] if common else names[0] if names else ""
    times = (certificate.not_valid_before_utc.isoformat(), certificate.not_valid_after_utc.isoformat())
    return domain, [domain, *[n for n in names if n != domain]], times[0], times[1]


@corrects(
    "acm",
    aws="an imported certificate has the domain and alternative names of its PEM, and an invalid one is refused",
    evidence="https://docs.aws.amazon.com/acm/latest/APIReference/API_ImportCertificate.html",
)
def read_imported_certificates() -> None:
    acm = service("acm")

    def import_certificate(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            try:
                domain, names, start, end = names_in(acm._decode_pem_field(data.get("Certificate")))
            except ValueError:
                message = "The certificate field contains more than one certificate, or it is not a PEM certificate."
                return acm.error_response_json("ValidationException", message, 400)
            before = set(acm._certificates.keys())
            answer = original(data)
            if answer[0] == 200:
                arn = data.get("CertificateArn") or next(iter(set(acm._certificates.keys()) - before))
                acm._certificates[arn].update(
                    DomainName=domain, SubjectAlternativeNames=names, NotBefore=start, NotAfter=end
                )
            return answer

        return call

    replace(acm, "_import_certificate", import_certificate)


@corrects(
    "acm",
    aws="GetCertificate returns no chain if there is none; a requested certificate has one",
    evidence="https://docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html",
)
def give_chains() -> None:
    acm = service("acm")

    def get(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            certificate = acm._certificates.get(data.get("CertificateArn", ""))
            if certificate is None:
                return original(data)
            if certificate.get("Type") == "IMPORTED":
                chain = {"CertificateChain": certificate["_pem_chain"]} if certificate.get("_pem_chain") else {}
                return acm.json_response({"Certificate": certificate["_pem_body"], **chain})
            pem = issued_pem(certificate)
            return acm.json_response({"Certificate": pem, "CertificateChain": pem})

        return call

    replace(acm, "_get_certificate", get)


def issued_pem(certificate: dict[str, Any]) -> str:
    """Return a self-signed certificate in place of one that Amazon would have issued; generated once."""
    if "_issued_pem" not in certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, certificate["DomainName"])])
        now = datetime.datetime.now(datetime.UTC)
        alternatives = [x509.DNSName(n) for n in certificate.get("SubjectAlternativeNames", [])]
        built = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=395))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(key, hashes.SHA256())
        )
        certificate["_issued_pem"] = built.public_bytes(serialization.Encoding.PEM).decode()
    return str(certificate["_issued_pem"])


def listeners_with(arn: str) -> list[str]:
    """Return the ARNs of the load balancers that have a listener with this certificate."""
    listeners = service("alb")._listeners.values()
    return sorted({x["LoadBalancerArn"] for x in listeners if arn in x.get("Certificates", [])})


@corrects(
    "acm",
    aws="a certificate lists the load balancers that use it; while there are any, deleting it is a "
    "ResourceInUseException",
    evidence="https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html",
)
def keep_certificates_in_use() -> None:
    acm = service("acm")

    def delete(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            arn = data.get("CertificateArn", "")
            if listeners_with(arn):
                message = f"Certificate {arn} in account {acm.get_account_id()} is in use."
                return acm.error_response_json("ResourceInUseException", message, 400)
            return original(data)

        return call

    replace(acm, "_delete_certificate", delete)

    def shape(original: Any) -> Any:
        def call(certificate: dict[str, Any]) -> dict[str, Any]:
            shown: dict[str, Any] = original(certificate)
            shown["InUseBy"] = [*shown["InUseBy"], *listeners_with(certificate["CertificateArn"])]
            if certificate["Status"] == "PENDING_VALIDATION":
                for name in ("IssuedAt", "NotBefore", "NotAfter"):
                    shown.pop(name)
            return shown

        return call

    replace(acm, "_cert_shape", shape)


@corrects(
    "acm",
    aws="a certificate with email validation stays PENDING_VALIDATION until somebody answers",
    evidence="https://docs.aws.amazon.com/acm/latest/userguide/email-validation.html",
)
def wait_for_validation() -> None:
    acm = service("acm")

    def request(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            before = set(acm._certificates.keys())
            answer = original(data)
            for arn in set(acm._certificates.keys()) - before:
                if data.get("ValidationMethod") == "EMAIL":
                    acm._certificates[arn]["Status"] = "PENDING_VALIDATION"
            return answer

        return call

    replace(acm, "_request_certificate", request)
