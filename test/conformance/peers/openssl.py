"""Reads a vector a line, as JSON, and answers "answer why" a line, by OpenSSL's libcrypto.

The first line that is written is the version. The functions are described in the manual's section 3;
`../../fuzz/peers/libcrypto.py` declares most of them.
"""

import base64
import json
import pathlib
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_ulong, c_void_p

sys.path.append(str(pathlib.Path(__file__).parent.parent.parent / "fuzz" / "peers"))
import libcrypto as lib  # noqa: E402

set_level = lib.function("X509_VERIFY_PARAM_set_auth_level", None, c_void_p, c_int)
set_purpose = lib.function("X509_VERIFY_PARAM_set_purpose", c_int, c_void_p, c_int)
add_policy = lib.function("X509_VERIFY_PARAM_add0_policy", c_int, c_void_p, c_void_p)
object_of = lib.function("OBJ_txt2obj", c_void_p, c_char_p, c_int)
new_request = lib.function("OCSP_REQUEST_new", c_void_p)
free_request = lib.function("OCSP_REQUEST_free", None, c_void_p)
add_nonce = lib.function("OCSP_request_add1_nonce", c_int, c_void_p, c_char_p, c_int)
check_nonce = lib.function("OCSP_check_nonce", c_int, c_void_p, c_void_p)
free_store = lib.function("X509_STORE_free", None, c_void_p)

# x509_vfy.h, x509v3.h
X509_STRICT, POLICY_CHECK, EXPLICIT_POLICY = 0x20, 0x80, 0x100
INHIBIT_ANY, INHIBIT_MAP, PARTIAL_CHAIN = 0x200, 0x400, 0x80000
purposes = {"1.3.6.1.5.5.7.3.2": 1, "1.3.6.1.5.5.7.3.1": 2}


def certificate(text):
    return lib.read(lib.d2i_certificate, lib.free_certificate, base64.b64decode(text))


class Stack:
    """Keeps what it holds alive; a value that cannot be read is left out."""

    def __init__(self, values):
        self.values = values
        self._as_parameter_ = lib.new_stack()
        for value in values:
            lib.push(self, value)


def readable(texts, read=certificate):
    found = []
    for text in texts:
        try:
            found.append(read(text))
        except lib.Refused:
            continue
    return Stack(found)


def verified(target, anchors, untrusted, case, flags=0, lists=None):
    store = lib.Owned(lib.new_store(), free_store)
    for anchor in anchors:
        lib.add_anchor(store, anchor)
    context = lib.Owned(lib.new_context(), lib.free_context)
    if lib.init_context(context, store, target, untrusted) != 1:
        raise lib.Refused("no context")
    if lists is not None:
        lib.set_crls(context, lists)
    parameters = lib.context_parameters(context)
    lib.set_time(parameters, case["time"])
    algorithms = case["algorithms"]
    set_level(parameters, 0 if "SHA-1" in algorithms["hashes"] else 2)
    for policy in case.get("userInitialPolicySet", ["2.5.29.32.0"]):
        add_policy(parameters, object_of(policy.encode(), 1))
    if "requiredEku" in case:
        set_purpose(parameters, purposes[case["requiredEku"]])
    lib.set_flags(parameters, flags | (X509_STRICT if case.get("issuanceRules") else 0))
    if lib.verify_certificate(context) == 1:
        return lib.X509_V_OK
    return lib.context_error(context) or lib.X509_V_ERR_UNSPECIFIED


def path(case):
    flags = POLICY_CHECK
    for name, flag in (
        ("initialExplicitPolicy", EXPLICIT_POLICY),
        ("initialAnyPolicyInhibit", INHIBIT_ANY),
        ("initialPolicyMappingInhibit", INHIBIT_MAP),
    ):
        flags |= flag if case.get(name) else 0
    anchors = readable(case["anchors"])
    error = verified(
        certificate(case["leaf"]), anchors.values, readable(case["intermediates"]), case, flags
    )
    return result_of(error)


def result_of(error):
    if error == lib.X509_V_ERR_CERT_REVOKED:
        return "revoked"
    if error != lib.X509_V_OK:
        raise lib.Refused(lib.error_string(error).decode())
    return "good"


def lists(case):
    crls = readable(
        case["lists"], lambda text: lib.read(lib.d2i_crl, lib.free_crl, base64.b64decode(text))
    )
    return result_of(
        verified(
            certificate(case["certificate"]),
            [certificate(case["issuer"])],
            readable(case["certificates"]),
            case,
            lib.list_flags | PARTIAL_CHAIN,
            crls,
        )
    )


def ocsp(case):
    issuer, target = certificate(case["issuer"]), certificate(case["certificate"])
    found = lib.read(lib.d2i_response, lib.free_response, base64.b64decode(case["response"]))
    if lib.response_status(found) != lib.OCSP_RESPONSE_STATUS_SUCCESSFUL:
        raise lib.Refused("status")
    basic = lib.Owned(lib.basic_response(found), lib.free_basic)
    store = lib.Owned(lib.new_store(), free_store)
    lib.add_anchor(store, issuer)
    parameters = lib.store_parameters(store)
    lib.set_time(parameters, case["time"])
    set_level(parameters, 2)
    known = readable([case["issuer"], *case["knownResponders"]])
    if lib.verify_basic(basic, known, store, 0) != 1:
        raise lib.Refused((lib.reason_of(lib.last_error()) or b"not verified").decode())
    if "nonce" in case:
        request = lib.Owned(new_request(), free_request)
        sent = bytes.fromhex(case["nonce"])
        add_nonce(request, sent, len(sent))
        outcome = check_nonce(request, basic)
        if outcome == 0 or (outcome == -1 and not case.get("acceptMissingNonce")):
            raise lib.Refused("nonce")
    ids = [
        lib.certificate_id(lib.function(digest, c_void_p)(), target, issuer)
        for digest in ("EVP_sha1", "EVP_sha256", "EVP_sha384", "EVP_sha512")
    ]
    answers = set(answers_in(basic, ids, case))
    if lib.V_OCSP_CERTSTATUS_REVOKED in answers:
        return "revoked"
    if answers == {lib.V_OCSP_CERTSTATUS_GOOD}:
        return "good"
    raise lib.Refused("no answer")


def answers_in(basic, ids, case):
    for asked in ids:
        index = lib.find_answer(basic, asked, -1)
        while index >= 0:
            this_update, next_update = c_void_p(), c_void_p()
            single = lib.answer_at(basic, index)
            status = lib.status_of(single, None, None, byref(this_update), byref(next_update))
            if is_current(this_update, next_update, case):
                yield status
            index = lib.find_answer(basic, asked, index)


def is_current(this_update, next_update, case):
    """OCSP_check_validity(3) step by step, at the time of the case."""
    now = c_long(case["time"])
    ahead = c_long(case["time"] + case["clockSkewMs"] // 1000)
    oldest = c_long(case["time"] - case["maximumAgeMs"] // 1000)
    if not lib.is_generalized_time(this_update) or lib.compare_time(this_update, byref(ahead)) > 0:
        return False
    if lib.compare_time(this_update, byref(oldest)) < 0:
        return False
    if not next_update:
        return True
    if not lib.is_generalized_time(next_update) or lib.compare_time(next_update, byref(now)) < 0:
        return False
    return lib.compare_strings(next_update, this_update) >= 0


checks = {"paths": path, "lists": lists, "ocsp": ocsp}
print(lib.version(lib.OPENSSL_FULL_VERSION_STRING).decode(), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    lib.clear_errors()
    try:
        answer, why = checks[case["kind"]](case), ""
    except lib.Refused as refused:
        answer, why = "refused", str(refused)
    print(answer, why, flush=True)
