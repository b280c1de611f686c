"""Gets a voucher and an access token with Authlib, and shows what it raises on a refusal.

The environment is that of prepare.go.
"""

import os
import time
import uuid

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox has no certificate

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

E = os.environ


def metadata(issuer):
    """The metadata of an issuer, where RFC 8414 has it, held against RFC 8414."""
    answer = requests.get(get_well_known_url(issuer, external=True), timeout=10)
    answer.raise_for_status()
    found = AuthorizationServerMetadata(answer.json())
    found.validate()
    assert found["issuer"] == issuer, found
    return found


def voucher(purpose):
    """Asks for a voucher for a purpose."""
    endpoint = metadata(E["ISSUER"])["token_endpoint"]
    with open(E["KEY"]) as key, OAuth2Session(E["CLIENT"], key.read(), token_endpoint_auth_method="private_key_jwt") as session:
        session.register_client_auth_method(PrivateKeyJWT(endpoint, claims={"purposeId": purpose}, headers={"kid": E["KID"]}))
        return session.fetch_token(endpoint, grant_type="client_credentials")


def token(seconds):
    """Asks for an access token with an assertion that ends in so many seconds."""
    endpoint = metadata(E["ISSUER"] + "/oauth2")["token_endpoint"]
    with open(E["CARD_KEY"]) as key:
        session = AssertionSession(
            endpoint, issuer=E["CARD_ISSUER"], subject=E["CARD_ISSUER"], audience=endpoint, grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
            expires_at=int(time.time()) + seconds, claims={"jti": str(uuid.uuid4())}, key=key.read(), header={"alg": "ES256", "kid": E["CARD_KID"]},
        )
    session.refresh_token()
    return session.token


def given(what, asked):
    """Shows a token, and fails without one."""
    tokens = asked()
    assert tokens["access_token"] and tokens["expires_in"] > 0, tokens
    print(f"  {what}: {tokens['token_type']}, {tokens['expires_in']} s")


def refused(what, error, reason, asked):
    """Shows an error, and fails unless it is that one and says why."""
    try:
        asked()
    except AuthlibBaseError as e:
        assert e.error == error and reason in e.description, e
        print(f"  {what}: {e.error}: {e.description}")
    else:
        raise AssertionError(what + " is not refused")


given("voucher", lambda: voucher(E["PURPOSE"]))
refused("voucher for a purpose that the client is not linked to", "unauthorized_client", "link them first", lambda: voucher(str(uuid.uuid4())))
given("access token", lambda: token(300))
refused("access token for an assertion that is over", "invalid_grant", "exp is over", lambda: token(-300))
