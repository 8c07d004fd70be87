"""The certificate of ``--lan``: what TLS clients think of it, when it is renewed, what its authority may."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from spotter.errors import OutputError
from spotter.serve import certificate as module
from spotter.serve.certificate import VALID_DAYS, Certificate, certificate_for

NAMES = ("laptop", "laptop.local", "192.168.0.7", "fd00::7", "203.0.113.9")
NOW = datetime.now(UTC)


def handshake(certificate: Certificate, name: str) -> None:
    """Connect to a server with this certificate as a client that has installed the authority.

    Raises:
        ssl.SSLError: the client does not trust it for that name.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file)
    trusting = ssl.create_default_context(cafile=certificate.authority)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            context.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        trusting.wrap_socket(ours, server_hostname=name).close()
    finally:
        ours.close()
        server.join(10)


def parsed(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


@pytest.mark.parametrize("name", [*NAMES, "localhost", "127.0.0.1", "::1"])
def test_who_has_installed_the_authority_trusts_it_for_every_name(tmp_path: Path, name: str) -> None:
    handshake(certificate_for(tmp_path, NAMES), name)


@pytest.mark.parametrize("name", ["evil.example", "192.168.0.8", "printer.local"])
def test_nobody_trusts_it_for_another_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificate_for(tmp_path, NAMES), name)


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8", "2001:db8::1", "notlocal"])
def test_the_authority_cannot_sign_for_what_is_not_this_machines(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_for(tmp_path, NAMES)
    monkeypatch.setattr(module, "_may_sign", lambda *_: True)  # as a thief of its key would
    stolen = certificate_for(tmp_path, (*NAMES, name))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(stolen, name)


def test_keys_are_for_their_owner_alone_and_not_in_what_is_given_out(tmp_path: Path) -> None:
    made = certificate_for(tmp_path, NAMES)
    private = [made.file, made.authority.with_name("ca.pem")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in private] == [0o600, 0o600]
    assert all(b"PRIVATE KEY" in file.read_bytes() for file in private)
    assert b"PRIVATE" not in made.authority.read_bytes()
    assert {file.name for file in made.file.parent.iterdir()} == {"ca.crt", "ca.pem", "server.pem"}


def test_it_is_of_the_wanted_kind(tmp_path: Path) -> None:
    made = certificate_for(tmp_path, NAMES)
    leaf = parsed(made.file)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=VALID_DAYS)
    assert leaf.not_valid_before_utc < NOW
    assert leaf.public_key().curve.name == "secp256r1"  # type: ignore[union-attr]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.subject.rfc4514_string() == "CN=Spotter on laptop"
    assert made.fingerprint.count(":") == 31 and made.fingerprint == made.fingerprint.upper()


def test_it_is_kept_while_it_fits(tmp_path: Path) -> None:
    first = certificate_for(tmp_path, NAMES)
    again = certificate_for(tmp_path, NAMES)
    fewer = certificate_for(tmp_path, NAMES[:2])
    assert first.is_new and not again.is_new and not fewer.is_new
    assert first.fingerprint == again.fingerprint == fewer.fingerprint


def test_another_address_makes_it_anew_and_keeps_the_authority(tmp_path: Path) -> None:
    first = certificate_for(tmp_path, NAMES)
    moved = certificate_for(tmp_path, (*NAMES, "10.0.0.9"))
    assert moved.is_new and moved.fingerprint != first.fingerprint
    assert moved.authority_fingerprint == first.authority_fingerprint
    handshake(moved, "10.0.0.9")


def test_a_public_address_needs_another_authority(tmp_path: Path) -> None:
    first = certificate_for(tmp_path, NAMES)
    moved = certificate_for(tmp_path, (*NAMES, "198.51.100.4"))
    assert moved.is_new and moved.authority_fingerprint != first.authority_fingerprint
    handshake(moved, "198.51.100.4")


@pytest.mark.parametrize(("days", "is_new"), [(VALID_DAYS - 40, False), (VALID_DAYS - 20, True), (-3, True)])
def test_it_is_made_anew_when_it_nears_its_end_or_is_of_the_future(
    tmp_path: Path, days: int, is_new: bool
) -> None:
    certificate_for(tmp_path, NAMES, NOW)
    later = certificate_for(tmp_path, NAMES, NOW + timedelta(days=days))
    assert later.is_new == is_new


def test_an_authority_that_ends_before_what_it_would_sign_is_made_anew(tmp_path: Path) -> None:
    first = certificate_for(tmp_path, NAMES, NOW)
    later = certificate_for(tmp_path, NAMES, NOW + timedelta(days=module.AUTHORITY_DAYS - VALID_DAYS + 1))
    assert later.authority_fingerprint != first.authority_fingerprint
    assert parsed(later.file).not_valid_after_utc <= parsed(later.authority).not_valid_after_utc


@pytest.mark.parametrize("name", ["server.pem", "ca.pem", "ca.crt"])
@pytest.mark.parametrize("harm", ["gone", "empty", "cut", "nonsense", "another's", "readable by all"])
def test_what_is_damaged_is_made_anew(tmp_path: Path, name: str, harm: str) -> None:
    first = certificate_for(tmp_path / "a", NAMES)
    file = first.file.with_name(name)
    other = certificate_for(tmp_path / "b", NAMES).file.with_name(name)
    match harm:
        case "gone":
            file.unlink()
        case "readable by all":
            file.chmod(0o644)
        case _:
            contents = {
                "empty": b"",
                "cut": file.read_bytes()[:300],
                "nonsense": b"\xff" * 999,
                "another's": other.read_bytes(),
            }
            file.write_bytes(contents[harm])
    mended = certificate_for(tmp_path / "a", NAMES)
    handshake(mended, "192.168.0.7")
    assert mended.is_new == (name != "ca.crt")
    assert not certificate_for(tmp_path / "a", NAMES).is_new


def test_a_key_that_belongs_to_another_certificate_is_not_used(tmp_path: Path) -> None:
    file = certificate_for(tmp_path / "a", NAMES).file
    other = certificate_for(tmp_path / "b", NAMES).file
    end = b"-----END PRIVATE KEY-----\n"
    file.write_bytes(other.read_bytes().partition(end)[0] + end + file.read_bytes().partition(end)[2])
    mended = certificate_for(tmp_path / "a", NAMES)
    assert mended.is_new
    handshake(mended, "laptop")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "certificate").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="could not be written"):
        certificate_for(tmp_path, NAMES)
