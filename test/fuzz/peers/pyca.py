"""Reads "kind base64" a line and answers "answer why" a line, by pyca/cryptography.

The first line holds time (seconds) and, base64, authority and leaf certificate; the answer to it is
the version.
"""

import base64
import datetime
import hashlib
import re
import sys
import unicodedata
import warnings

import cryptography
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import ocsp

warnings.simplefilter("ignore")


def certificate(data):
    found = x509.load_der_x509_certificate(data)
    found.verify_directly_issued_by(authority)
    for extension in found.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError("unknown critical extension")
    found.public_key()
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise ValueError("not in its validity period")
    return "good"


def prepared(name):
    """RFC 5280 7.1, near enough: case, white space and characters that map to nothing."""
    text = unicodedata.normalize("NFKC", name.rfc4514_string().casefold())
    visible = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf"))
    return re.sub(r"\s+", "", visible)


def crl(data):
    found = x509.load_der_x509_crl(data)
    if prepared(found.issuer) != prepared(authority.subject) or not found.is_signature_valid(authority.public_key()):
        raise ValueError("issuer or signature")
    for extension in found.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError("unknown critical extension")
        if isinstance(extension.value, (x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)):
            return "abstains"
    if found.next_update_utc is None or not found.last_update_utc <= now <= found.next_update_utc:
        raise ValueError("not current")
    entry = found.get_revoked_certificate_by_serial_number(leaf.serial_number)
    return "good" if entry is None else "revoked"


def response(data):
    found = ocsp.load_der_ocsp_response(data)
    if found.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError("status")
    if found.certificates:  # which of them may answer is more than this asks
        return "abstains"
    authority.public_key().verify(
        found.signature, found.tbs_response_bytes, padding.PKCS1v15(), found.signature_hash_algorithm
    )
    for extension in found.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError("unknown critical extension")
    by_key = found.responder_key_hash == hashlib.sha1(key_bits).digest()
    if not by_key and found.responder_name != authority.subject:
        raise ValueError("responder")
    answers = set()
    for single in found.responses:
        try:
            digest = digests[type(single.hash_algorithm)]
        except Exception:  # another hash names another certificate
            continue
        if single.serial_number != leaf.serial_number:
            continue
        if single.issuer_name_hash != digest(authority.subject.public_bytes()).digest():
            continue
        if single.issuer_key_hash != digest(key_bits).digest():
            continue
        if not single.this_update_utc <= now:
            continue
        if single.next_update_utc is not None and single.next_update_utc < now:
            continue
        answers.add(single.certificate_status.name)
    if "REVOKED" in answers:
        return "revoked"
    if answers == {"GOOD"}:
        return "good"
    raise ValueError("no answer")


head = sys.stdin.readline().split()
now = datetime.datetime.fromtimestamp(int(head[0]), datetime.timezone.utc)
authority = x509.load_der_x509_certificate(base64.b64decode(head[1]))
leaf = x509.load_der_x509_certificate(base64.b64decode(head[2]))
key_bits = authority.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.PKCS1
)
digests = {hashes.SHA1: hashlib.sha1, hashes.SHA256: hashlib.sha256, hashes.SHA384: hashlib.sha384}
checks = {"certificate": certificate, "crl": crl, "ocsp": response}
print(cryptography.__version__, flush=True)
for line in sys.stdin:
    kind, _, data = line.strip().partition(" ")
    try:
        answer = checks[kind](base64.b64decode(data))
        why = ""
    except BaseException as error:  # a panic of the Rust side is no Exception
        answer, why = "refused", type(error).__name__
    print(answer, why, flush=True)
