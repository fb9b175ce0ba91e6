"""Reads a vector a line, as JSON, and answers "answer why" a line, by pyca/cryptography.

The first line that is written is the version. Paths are left out: the library builds them by the rules of
the web's PKI, not by those of RFC 5280 alone. Lists and responses it parses and verifies; scope, delegates
and currency are the caller's to judge, so that those cases are answered "abstains".
"""

import base64
import datetime
import hashlib
import json
import sys
import warnings

import cryptography
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

warnings.simplefilter("ignore")


def certificate(text):
    return x509.load_der_x509_certificate(base64.b64decode(text))


def refuse_critical(extensions):
    for extension in extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError("unknown critical extension")


def lists(case):
    if len(case["lists"]) != 1 or case["certificates"] or case.get("issuanceRules"):
        return "abstains"
    issuer, asked = certificate(case["issuer"]), certificate(case["certificate"])
    found = x509.load_der_x509_crl(base64.b64decode(case["lists"][0]))
    scoped = (x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
    if any(isinstance(extension.value, scoped) for extension in found.extensions):
        return "abstains"
    refuse_critical(found.extensions)
    for entry in found:
        refuse_critical(entry.extensions)
    if found.issuer != issuer.subject or not found.is_signature_valid(issuer.public_key()):
        raise ValueError("issuer or signature")
    if not isinstance(found.signature_hash_algorithm, (hashes.SHA256, hashes.SHA384, hashes.SHA512)):
        raise ValueError("algorithm")
    now = moment(case)
    skew = datetime.timedelta(milliseconds=case["clockSkewMs"])
    oldest = now - datetime.timedelta(milliseconds=case["maximumAgeMs"])
    if found.next_update_utc is None or now > found.next_update_utc:
        raise ValueError("not current")
    if not oldest <= found.last_update_utc <= now + skew:
        raise ValueError("not current")
    entry = found.get_revoked_certificate_by_serial_number(asked.serial_number)
    return "good" if entry is None else "revoked"


def response(case):
    issuer, asked = certificate(case["issuer"]), certificate(case["certificate"])
    found = ocsp.load_der_ocsp_response(base64.b64decode(case["response"]))
    if found.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError("status")
    key_bits = issuer.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    by_key = found.responder_key_hash == hashlib.sha1(key_bits).digest()
    if not by_key and found.responder_name != issuer.subject:
        return "abstains"  # which delegate may answer is more than this asks
    issuer.public_key().verify(
        found.signature, found.tbs_response_bytes, ec.ECDSA(found.signature_hash_algorithm)
    )
    refuse_critical(found.extensions)
    if "nonce" in case:
        try:
            nonce = found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            nonce = None
        missing = nonce is None and case.get("acceptMissingNonce")
        if nonce != bytes.fromhex(case["nonce"]) and not missing:
            raise ValueError("nonce")
    now = moment(case)
    answers = set()
    for single in found.responses:
        digest = {hashes.SHA1: hashlib.sha1, hashes.SHA256: hashlib.sha256}.get(
            type(single.hash_algorithm)
        )
        if digest is None or single.serial_number != asked.serial_number:
            continue
        if single.issuer_name_hash != digest(issuer.subject.public_bytes()).digest():
            continue
        if single.issuer_key_hash != digest(key_bits).digest():
            continue
        if single.next_update_utc is not None and single.next_update_utc < now:
            continue
        answers.add(single.certificate_status.name)
    if "REVOKED" in answers:
        return "revoked"
    if answers == {"GOOD"}:
        return "good"
    raise ValueError("no answer")


def moment(case):
    return datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)


checks = {"paths": lambda case: "abstains", "lists": lists, "ocsp": response}
print(cryptography.__version__, flush=True)
for line in sys.stdin:
    case = json.loads(line)
    try:
        answer, why = checks[case["kind"]](case), ""
    except BaseException as error:  # a panic of the Rust side is no Exception
        answer, why = "refused", type(error).__name__
    print(answer, why, flush=True)
