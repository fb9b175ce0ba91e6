"""Access token, login and bulk check from Python 3.9 or newer (`pip install cryptography`).

    python3 login.py

MYKEY_URL   the platform            http://localhost:8080
MYKEY_KEY   the client's JWK file   .sandbox/8080/client.jwk
JLIS_URL    the sandbox's cards     http://127.0.0.1:8081
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

PLATFORM = os.environ.get("MYKEY_URL", "http://localhost:8080")
KEY_FILE = os.environ.get("MYKEY_KEY", ".sandbox/8080/client.jwk")
JLIS = os.environ.get("JLIS_URL", "http://127.0.0.1:8081")


def call(url, data, content_type, token=None):
    headers = {"content-type": content_type}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        # RFC 9457, or RFC 6749 section 5.2 with the code beside "error".
        problem = json.load(error)
        sys.exit(f"{error.code} {problem.get('code')}: {problem.get('detail')}")


def post(url, body, token=None):
    return call(url, json.dumps(body).encode(), "application/json", token)


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def take_token():
    """OAuth 2.0 client credentials with private_key_jwt (RFC 7523): a new assertion for every request."""
    with open(KEY_FILE, encoding="utf-8") as file:
        jwk = json.load(file)
    public = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP256R1())
    key = ec.EllipticCurvePrivateNumbers(number(jwk["d"]), public).private_key()
    now = int(time.time())
    header = {"alg": "ES256", "kid": jwk["kid"], "typ": "JWT"}
    claims = {
        "iss": jwk["client_id"],
        "sub": jwk["client_id"],
        "aud": f"{PLATFORM}/oauth2/token",
        "iat": now,
        "exp": now + 120,
        "jti": str(uuid.uuid4()),
    }
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    # RFC 7518 section 3.4: r and s as 32 octets each, not DER.
    r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    assertion = f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    answer = call(
        f"{PLATFORM}/oauth2/token",
        urllib.parse.urlencode(form).encode(),
        "application/x-www-form-urlencoded",
    )
    return answer["access_token"]


def card_signs(card, challenge):
    """The sandbox's virtual card; in production a card reader or the person's phone does this."""
    url = f"{JLIS}/control/cards/{card['cardId']}/sign"
    return post(url, {"pin": "1234", "text": challenge})["signature"]


def main():
    token = take_token()

    card = post(f"{JLIS}/control/cards", {})
    challenge = post(f"{PLATFORM}/v1/challenges", {}, token)["challenge"]
    login = post(
        f"{PLATFORM}/v1/authentications",
        {
            "challenge": challenge,
            "certificate": card["user-authentication"]["certificate"],
            "signature": card_signs(card, challenge),
        },
        token,
    )
    print(f"ppid {login['ppid']}")

    check = post(
        f"{PLATFORM}/v1/revocations/check",
        {"issuer": "user-authentication-2023", "serials": [card["user-authentication"]["serial"]]},
        token,
    )
    counts = check["counts"]
    print(f"good {counts['good']} of {counts['total']}, list of {check['evidence']['thisUpdate']}")


main()
