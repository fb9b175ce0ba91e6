"""Reads "kind base64" a line and answers "answer why" a line, by OpenSSL's libcrypto.

The first line holds time (seconds) and, base64, authority, leaf and root certificate; the answer to it
is the version. Names and numbers are those of OpenSSL's public headers (x509_vfy.h, ocsp.h), which the
ABI of libcrypto 3 keeps; the functions are described in the manual's section 3.
"""

import base64
import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_ulong, c_void_p


def load_library():
    for name in ("libcrypto.so.3", "libcrypto.3.dylib"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    sys.exit("no libcrypto 3")


library = load_library()


def function(name, result, *arguments):
    found = getattr(library, name)
    found.restype, found.argtypes = result, arguments
    return found


def decoder(name):
    return function(name, c_void_p, c_void_p, POINTER(c_char_p), c_long)


version = function("OpenSSL_version", c_char_p, c_int)
clear_errors = function("ERR_clear_error", None)
last_error = function("ERR_peek_last_error", c_ulong)
reason_of = function("ERR_reason_error_string", c_char_p, c_ulong)

new_stack = function("OPENSSL_sk_new_null", c_void_p)
push = function("OPENSSL_sk_push", c_int, c_void_p, c_void_p)
free_stack = function("OPENSSL_sk_free", None, c_void_p)

d2i_certificate = decoder("d2i_X509")
free_certificate = function("X509_free", None, c_void_p)
d2i_crl = decoder("d2i_X509_CRL")
free_crl = function("X509_CRL_free", None, c_void_p)
d2i_response = decoder("d2i_OCSP_RESPONSE")
free_response = function("OCSP_RESPONSE_free", None, c_void_p)

new_store = function("X509_STORE_new", c_void_p)
add_anchor = function("X509_STORE_add_cert", c_int, c_void_p, c_void_p)
store_parameters = function("X509_STORE_get0_param", c_void_p, c_void_p)
set_time = function("X509_VERIFY_PARAM_set_time", None, c_void_p, c_long)
set_flags = function("X509_VERIFY_PARAM_set_flags", c_int, c_void_p, c_ulong)
new_context = function("X509_STORE_CTX_new", c_void_p)
free_context = function("X509_STORE_CTX_free", None, c_void_p)
init_context = function("X509_STORE_CTX_init", c_int, c_void_p, c_void_p, c_void_p, c_void_p)
context_parameters = function("X509_STORE_CTX_get0_param", c_void_p, c_void_p)
set_crls = function("X509_STORE_CTX_set0_crls", None, c_void_p, c_void_p)
verify_certificate = function("X509_verify_cert", c_int, c_void_p)
context_error = function("X509_STORE_CTX_get_error", c_int, c_void_p)
error_string = function("X509_verify_cert_error_string", c_char_p, c_long)

response_status = function("OCSP_response_status", c_int, c_void_p)
basic_response = function("OCSP_response_get1_basic", c_void_p, c_void_p)
free_basic = function("OCSP_BASICRESP_free", None, c_void_p)
verify_basic = function("OCSP_basic_verify", c_int, c_void_p, c_void_p, c_void_p, c_ulong)
certificate_id = function("OCSP_cert_to_id", c_void_p, c_void_p, c_void_p, c_void_p)
find_answer = function("OCSP_resp_find", c_int, c_void_p, c_void_p, c_int)
answer_at = function("OCSP_resp_get0", c_void_p, c_void_p, c_int)
status_of = function(
    "OCSP_single_get0_status", c_int, c_void_p, POINTER(c_int), *[POINTER(c_void_p)] * 3
)
is_generalized_time = function("ASN1_GENERALIZEDTIME_check", c_int, c_void_p)
compare_time = function("X509_cmp_time", c_int, c_void_p, POINTER(c_long))
compare_strings = function("ASN1_STRING_cmp", c_int, c_void_p, c_void_p)

# crypto.h
OPENSSL_FULL_VERSION_STRING = 7
# x509_vfy.h
X509_V_OK = 0
X509_V_ERR_UNSPECIFIED = 1
X509_V_ERR_CERT_REVOKED = 23
X509_V_FLAG_CRL_CHECK = 0x4
X509_V_FLAG_EXTENDED_CRL_SUPPORT = 0x1000
X509_V_FLAG_USE_DELTAS = 0x2000
# ocsp.h
OCSP_RESPONSE_STATUS_SUCCESSFUL = 0
V_OCSP_CERTSTATUS_GOOD = 0
V_OCSP_CERTSTATUS_REVOKED = 1


class Refused(Exception):
    pass


class Owned:
    """A structure of libcrypto that is freed with the last reference to it."""

    def __init__(self, address, free, why="cannot read it"):
        if not address:
            raise Refused(why)
        self._as_parameter_ = address
        self.free = free

    def __del__(self):
        if hasattr(self, "free"):
            self.free(self)


def read(decode, free, data):
    return Owned(decode(None, byref(c_char_p(data)), len(data)), free)


def verified(target, flags=0, lists=None):
    """X509_V_OK or the error of X509_verify_cert(3), which `openssl verify` prints."""
    context = Owned(new_context(), free_context)
    if init_context(context, store, target, authorities) != 1:
        raise Refused("no context")
    set_crls(context, lists)
    set_flags(context_parameters(context), flags)
    if verify_certificate(context) == 1:
        return X509_V_OK
    return context_error(context) or X509_V_ERR_UNSPECIFIED


def certificate(data):
    error = verified(read(d2i_certificate, free_certificate, data))
    if error != X509_V_OK:
        raise Refused(error_string(error).decode())
    return "good"


def crl(data):
    found = read(d2i_crl, free_crl, data)
    lists = Owned(new_stack(), free_stack)
    push(lists, found)
    error = verified(leaf, list_flags, lists)
    if error == X509_V_ERR_CERT_REVOKED:
        return "revoked"
    if error != X509_V_OK:
        raise Refused(error_string(error).decode())
    return "good"


def response(data):
    found = read(d2i_response, free_response, data)
    if response_status(found) != OCSP_RESPONSE_STATUS_SUCCESSFUL:
        raise Refused("status")
    basic = Owned(basic_response(found), free_basic)
    if verify_basic(basic, authorities, store, 0) != 1:
        raise Refused((reason_of(last_error()) or b"not verified").decode())
    answers = set(answers_for_leaf(basic))
    if V_OCSP_CERTSTATUS_REVOKED in answers:
        return "revoked"
    if answers == {V_OCSP_CERTSTATUS_GOOD}:
        return "good"
    raise Refused("no answer")


def answers_for_leaf(basic):
    for asked in certificate_ids:
        index = find_answer(basic, asked, -1)
        while index >= 0:
            this_update, next_update = c_void_p(), c_void_p()
            single = answer_at(basic, index)
            status = status_of(single, None, None, byref(this_update), byref(next_update))
            if is_current(this_update, next_update):
                yield status
            index = find_answer(basic, asked, index)


def is_current(this_update, next_update):
    """OCSP_check_validity(3) step by step, whose clock is the machine's, at the time of the run."""
    if not is_generalized_time(this_update) or compare_time(this_update, byref(now)) > 0:
        return False
    if not next_update:
        return True
    if not is_generalized_time(next_update) or compare_time(next_update, byref(now)) < 0:
        return False
    return compare_strings(next_update, this_update) >= 0


list_flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS
checks = {"certificate": certificate, "crl": crl, "ocsp": response}

if __name__ == "__main__":
    head = sys.stdin.readline().split()
    now = c_long(int(head[0]))
    authority, leaf, root = (
        read(d2i_certificate, free_certificate, base64.b64decode(text)) for text in head[1:4]
    )
    store = new_store()
    add_anchor(store, root)
    set_time(store_parameters(store), now)
    authorities = new_stack()
    push(authorities, authority)
    certificate_ids = [
        certificate_id(function(digest, c_void_p)(), leaf, authority)
        for digest in ("EVP_sha1", "EVP_sha256", "EVP_sha384", "EVP_sha512")
    ]
    print(version(OPENSSL_FULL_VERSION_STRING).decode(), flush=True)
    for line in sys.stdin:
        kind, _, data = line.strip().partition(" ")
        clear_errors()
        try:
            answer, why = checks[kind](base64.b64decode(data)), ""
        except Refused as refused:
            answer, why = "refused", str(refused)
        print(answer, why, flush=True)
