"""An organization that calls the API: its configuration is the answer of the sandbox's
GET /_local/client, in a file. Its access token is bound to a new key, and every call of
the generated client has a proof by that key.
"""

import hashlib
import json
import time
import uuid
from base64 import urlsafe_b64encode

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from pdnd import Client
from pdnd.models import Problem

calls = 0  # those for tokens too


class DPoP(httpx.Auth):
    """Proofs of possession of a new key (RFC 9449), with the access token that is bound to it."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.token = None

    def auth_flow(self, request):
        global calls
        calls += 1
        claims = {"jti": str(uuid.uuid4()), "htm": request.method, "htu": str(request.url.copy_with(query=None)), "iat": int(time.time())}
        if self.token:
            claims["ath"] = urlsafe_b64encode(hashlib.sha256(self.token.encode()).digest()).rstrip(b"=").decode()
            request.headers["Authorization"] = "DPoP " + self.token
        header = {"typ": "dpop+jwt", "jwk": ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)}
        request.headers["DPoP"] = jwt.encode(claims, self.key, algorithm="ES256", headers=header)
        yield request


def ask_for_token(config, proofs, purpose_id=None):
    """Gets an access token of an API client, or a voucher for a purpose, bound to the key of proofs."""
    client_id, now = config["clientId"], int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": config["audience"], "jti": str(uuid.uuid4()), "iat": now, "exp": now + 60}
    if purpose_id:
        claims["purposeId"] = str(purpose_id)
    answer = httpx.post(
        config["tokenEndpoint"],
        data={
            "grant_type": "client_credentials", "client_id": client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, config["privateKey"], algorithm="RS256", headers={"kid": config["kid"]}),
        },
        auth=proofs,
    )
    answer.raise_for_status()
    tokens = answer.json()
    assert tokens["token_type"] == "DPoP" and tokens["expires_in"] > 0, tokens
    return tokens["access_token"]


class Party:
    """An organization that is signed in, and the generated client it calls with."""

    def __init__(self, file):
        with open(file) as text:
            self.config = json.load(text)
        proofs = DPoP()
        proofs.token = ask_for_token(self.config, proofs)
        self.id, self.user = uuid.UUID(self.config["organizationId"]), uuid.UUID(self.config["userId"])
        self.client = Client(self.config["apiUrl"], raise_on_unexpected_status=True, httpx_args={"auth": proofs})

    def call(self, operation, *args, **kwargs):
        """Calls an operation and returns what it answers, which must be a success with no members but the published ones."""
        answer = operation.sync_detailed(*args, client=self.client, **kwargs)
        assert answer.status_code // 100 == 2, answer.content
        body = json.loads(answer.content)
        assert members(answer.parsed.to_dict()) == members(body), (operation.__name__, body)
        return answer.parsed

    def key(self, method, path, body=None):
        """Makes a call that answers a key.

        It takes the HTTP client of the generated client, whose own JWK decodes none, because of the member "d".
        """
        answer = self.client.get_httpx_client().request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    def refused(self, status, code, operation, *args, **kwargs):
        """Calls an operation, which must be refused with that status and code."""
        answer = operation.sync_detailed(*args, client=self.client, **kwargs)
        assert answer.status_code == status and isinstance(answer.parsed, Problem), answer.content
        assert answer.parsed.errors[0].code == code, answer.content
        assert members(answer.parsed.to_dict()) == members(json.loads(answer.content)), answer.content


def members(value):
    """The names of the members of what JSON has, without the values."""
    if isinstance(value, dict):
        return {name: members(member) for name, member in value.items()}
    if isinstance(value, list):
        return [members(element) for element in value]
    return None
