# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which Docker engine is taken, and how it is spoken to."""

from __future__ import annotations

import datetime
import hashlib
import http.server
import ipaddress
import json
import ssl
import threading

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import engine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCAL = "unix:///var/run/docker.sock"
# requests prefers the last two to the authority of DOCKER_CERT_PATH
VARIABLES = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


def signed(name, issuer=None, issuer_key=None):
    """Return a key and a certificate for 127.0.0.1, signed by the issuer, else by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key()), critical=False
        )
    )
    if issuer is None:
        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = builder.add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
    return key, builder.sign(issuer_key or key, hashes.SHA256())


def write(folder, name, key, certificate):
    """Write a certificate, and its key beside it, as PEM."""
    pem = serialization.Encoding.PEM
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(pem))
    (folder / f"{name.replace('cert', 'key')}.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        if "cert" in name
        else certificate.public_bytes(pem)
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Return a folder with ca.pem, cert.pem and key.pem of a client, and those of a server in `server`."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "server").mkdir()
    ca_key, ca = signed("ca")
    write(folder, "ca", ca_key, ca)
    write(folder, "cert", *signed("client", ca, ca_key))
    write(folder / "server", "cert", *signed("server", ca, ca_key))
    return folder


@pytest.fixture
def configured(tmp_path, certificates, monkeypatch):
    """Return a function that sets the environment and writes Docker's folder, contexts in it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))

    def place(kind, name):
        return tmp_path / "contexts" / kind / hashlib.sha256(name.encode()).hexdigest()

    def write_context(name, host, tls=False):
        place("meta", name).mkdir(parents=True)
        meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
        (place("meta", name) / "meta.json").write_text(json.dumps(meta))
        if tls:
            (place("tls", name) / "docker").mkdir(parents=True)
            for file in ("ca.pem", "cert.pem", "key.pem"):
                (place("tls", name) / "docker" / file).write_bytes((certificates / file).read_bytes())

    def configure(current=None, **environment):
        write_context("desktop", "unix:///home/a/.docker/desktop/docker.sock")
        write_context("build", "tcp://10.0.0.9:2376", tls=True)
        write_context("broken", "")
        place("meta", "unreadable").mkdir(parents=True)
        (place("meta", "unreadable") / "meta.json").write_text("{")
        (tmp_path / "config.json").write_text(json.dumps({"currentContext": current} if current else {}))
        given = {name: value.replace("CERTIFICATES", str(certificates)) for name, value in environment.items()}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return given

    return configure


TCP = "tcp://10.0.0.1:2376"


@pytest.mark.parametrize(
    ("host", "environment", "address", "tls"),
    [
        pytest.param(None, {}, LOCAL, None, id="nothing said"),
        pytest.param(None, {"DOCKER_HOST": ""}, LOCAL, None, id="empty"),
        pytest.param(None, {"DOCKER_HOST": TCP}, TCP, None, id="DOCKER_HOST"),
        pytest.param("tcp://h:1", {"DOCKER_HOST": TCP}, "tcp://h:1", None, id="the option comes first"),
        pytest.param(None, {"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "CERTIFICATES"}, TCP,
            True, id="verified TLS"),
        pytest.param("tcp://h:1", {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "CERTIFICATES"}, "tcp://h:1", True,
            id="TLS for the option, too"),
        pytest.param(
            None, {"DOCKER_HOST": TCP, "DOCKER_CERT_PATH": "CERTIFICATES"}, TCP, False, id="TLS without verification"
        ),
        pytest.param(None, {"DOCKER_HOST": TCP, "DOCKER_CERT_PATH": "CERTIFICATES", "DOCKER_TLS_VERIFY": ""}, TCP,
            False, id="an empty DOCKER_TLS_VERIFY is none"),
        pytest.param(
            None, {"current": "desktop"}, "unix:///home/a/.docker/desktop/docker.sock", None, id="the current context"
        ),
        pytest.param(None, {"DOCKER_CONTEXT": "build"}, "tcp://10.0.0.9:2376", True, id="a context with TLS"),
        pytest.param(None, {"current": "desktop", "DOCKER_CONTEXT": "build"}, "tcp://10.0.0.9:2376", True,
            id="DOCKER_CONTEXT first"),
        pytest.param(None, {"current": "desktop", "DOCKER_HOST": TCP}, TCP, None, id="DOCKER_HOST before contexts"),
        pytest.param(None, {"current": "desktop", "DOCKER_CONTEXT": "default"}, LOCAL, None, id="back to the default"),
    ],
)  # fmt: skip
def test_the_engine_that_the_cli_would_take(configured, host, environment, address, tls):
    found = engine.connection(host, configured(**environment))
    assert found["base_url"] == address
    assert ("tls" in found) is (tls is not None)
    if tls is not None:
        assert found["tls"].verify is tls
        assert found["tls"].cert[0].endswith("cert.pem")


@pytest.mark.parametrize(
    ("environment", "why", "next_step"),
    [
        ({"DOCKER_CONTEXT": "gone"}, "There is no Docker context 'gone'.", "that 'docker context ls' shows"),
        ({"current": "gone"}, "There is no Docker context 'gone'.", "'docker context use NAME'"),
        (
            {"DOCKER_CONTEXT": "broken"},
            "There is no engine address in the Docker context 'broken'.",
            "or set docker_host",
        ),
        ({"current": "unreadable"}, "The Docker context 'unreadable' can't be read: ", "or set docker_host"),
        (
            {"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/nowhere"},
            "the certificates in /nowhere can't be used: ",
            "Put ca.pem, cert.pem and key.pem there, or unset both.",
        ),
        ({"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1"}, "the certificates in ~/.docker can't be used: ", "or unset"),
    ],
)
def test_what_is_wrong_with_the_environment_is_said(configured, environment, why, next_step):
    with pytest.raises(engine.EngineError) as failure:
        engine.connection(None, configured(**environment))
    assert why in str(failure.value)
    assert next_step in str(failure.value)


class Daemon(http.server.BaseHTTPRequestHandler):
    """Answers as much of the engine's API as a connection needs."""

    def do_GET(self):
        body = json.dumps({"ApiVersion": "1.47", "MinAPIVersion": "1.24"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def test_an_engine_behind_tls_gets_tls_and_the_clients_certificate(configured, certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server" / "cert.pem", certificates / "server" / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Daemon) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"tcp://127.0.0.1:{server.server_port}"
            configured(DOCKER_HOST=address, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH="CERTIFICATES")
            engine.Engine(None, 5).close()
            engine.Engine(address, 5).close()
        finally:
            server.shutdown()
            thread.join()
