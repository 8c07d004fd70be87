"""The certificate of ``spotter serve --lan``, and the small authority of this machine that signs it."""

from __future__ import annotations

import ipaddress
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from spotter.media.writing import write_bytes

VALID_DAYS = 397
"""For how long a certificate holds; browsers take none that holds for more than 398 days."""

AUTHORITY_DAYS = 5 * 365
"""For how long the authority holds that a phone may have installed."""

_RENEW_DAYS = 30
_CLOCK = timedelta(days=1)  # a phone whose clock is late takes the certificate all the same
_LONGEST_NAME = 64  # of a common name
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10",
    "fc00::/7", "::1/128",
)  # fmt: skip
_LOCAL_NAMES = ("localhost", "local")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is there.

    Attributes:
        file: PEM with its private key, for the server alone.
        fingerprint: its SHA-256 as browsers show it, ``"AB:CD:..."``.
        authority: PEM of the authority's certificate, without its key, for whoever wants to install it.
        authority_fingerprint: the authority's SHA-256.
        is_new: whether the certificate was made now.
    """

    file: Path
    fingerprint: str
    authority: Path
    authority_fingerprint: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Pair:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def authority_file(data: Path) -> Path:
    """Where the authority's certificate lies, without its key, in the server's data folder."""
    return data / "certificate" / "ca.crt"


def certificate_for(data: Path, names: Sequence[str], now: datetime | None = None) -> Certificate:
    """The certificate for this machine's names and addresses; made where there is none that fits.

    It is made anew when a name or address is not in it, when it ends within a month, and when it or its key
    is damaged or was readable by others. It is signed by an authority of this machine, which may sign for
    private addresses, ``.local`` and this machine's own names alone (RFC 5280, 4.2.1.10): a phone on which it
    is installed trusts it with nothing else. Keys are ECDSA P-256, files with keys have the mode 0600.

    Args:
        data: the server's data folder.
        names: host names and addresses; the first is in its title.
        now: present time with its zone.

    Raises:
        OutputError: it cannot be written.
    """
    now = now or datetime.now(UTC)
    names = tuple(dict.fromkeys((*names, "localhost", "127.0.0.1", "::1")))
    public = authority_file(data)
    own_file, file = public.with_name("ca.pem"), public.with_name("server.pem")
    authority = _read(own_file)
    if authority is None or not _may_sign(authority.certificate, names, now):
        authority = _make_authority(names, now)
        _keep(own_file, authority)
    shown = authority.certificate.public_bytes(Encoding.PEM)
    if not public.exists() or public.read_bytes() != shown:
        write_bytes(public, shown)
    pair = _read(file)
    is_new = pair is None or not _fits(pair.certificate, authority.certificate, names, now)
    if pair is None or is_new:
        pair = _make_certificate(authority, names, now)
        _keep(file, pair)
    return Certificate(
        file, fingerprint(pair.certificate), public, fingerprint(authority.certificate), is_new
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _read(file: Path) -> _Pair | None:
    """A certificate and its key; None where they are not there, damaged, or were readable by others."""
    try:
        if sys.platform != "win32" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            return None
        content = file.read_bytes()
        key = load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
    except (OSError, ValueError, TypeError):
        return None
    fits = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
    return _Pair(key, certificate) if fits and isinstance(key, ec.EllipticCurvePrivateKey) else None


def _keep(file: Path, pair: _Pair) -> None:
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_bytes(file, key + pair.certificate.public_bytes(Encoding.PEM), private=True)


def _may_sign(authority: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    """Whether the authority holds longer than what it signs, and may sign for all names."""
    if not _holds(authority, now, VALID_DAYS):
        return False
    try:
        allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    except x509.ExtensionNotFound:
        return False
    return all(any(_allows(one, name) for one in allowed or ()) for name in _general(names))


def _allows(allowed: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(allowed, x509.DNSName) and isinstance(name, x509.DNSName):
        return name.value == allowed.value or name.value.endswith(f".{allowed.value}")
    if isinstance(allowed, x509.IPAddress) and isinstance(name, x509.IPAddress):
        return name.value in allowed.value  # type: ignore[operator]  # of a constraint it is a network
    return False


def _fits(
    certificate: x509.Certificate, authority: x509.Certificate, names: Sequence[str], now: datetime
) -> bool:
    """Whether it is the authority's, for all names, and holds for a while yet."""
    with suppress(x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        certificate.verify_directly_issued_by(authority)
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return set(_general(names)) <= set(known) and _holds(certificate, now, _RENEW_DAYS)
    return False


def _holds(certificate: x509.Certificate, now: datetime, days: int) -> bool:
    end = certificate.not_valid_after_utc
    return certificate.not_valid_before_utc <= now and now + timedelta(days=days) <= end


def _make_authority(names: Sequence[str], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    title = _title(f"Spotter {now:%Y-%m-%d} of", names)
    built = (
        _builder(title, title, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_constraints(names), excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(key, built)


def _constraints(names: Sequence[str]) -> list[x509.GeneralName]:
    """What the authority may sign for: what belongs to no one, and these names."""
    allowed: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(one)) for one in _PRIVATE]
    allowed += [x509.DNSName(name) for name in _LOCAL_NAMES]
    for name in _general(names):
        if not any(_allows(one, name) for one in allowed):
            own = isinstance(name, x509.IPAddress)
            allowed.append(x509.IPAddress(ipaddress.ip_network(name.value)) if own else name)
    return allowed


def _make_certificate(authority: _Pair, names: Sequence[str], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    built = (
        _builder(_title("Spotter on", names), issuer.subject, key, now, VALID_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return _Pair(key, built)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK)
        .not_valid_after(now - _CLOCK + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _title(before: str, names: Sequence[str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{before} {names[0]}"[:_LONGEST_NAME])])


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_as_name(name) for name in names]


def _as_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
