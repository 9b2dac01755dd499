"""Tokens that the two clouds sign and take from each other: RS256 over real keys, nothing believed.

A verifier learns the keys as the clouds do: from the issuer's discovery document, over HTTP.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

LEEWAY = 300
"""Seconds that a verifier's clock may be behind the signer's."""

Claims = dict[str, Any]


class Distrusted(Exception):
    """``why``: malformed, issuer, unreachable, signature, expired or early."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Signer:
    """One key of one issuer. ``issuer`` is what tokens say, whatever address its keys are served from."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._id = uuid.uuid4().hex

    def sign(self, claims: Mapping[str, Any], *, algorithm: str = "RS256") -> str:
        key: Any = self._key if algorithm == "RS256" else "a shared secret that is long enough"
        return jwt.encode({"iss": self.issuer, **claims}, key, algorithm, headers={"kid": self._id})

    def keys(self) -> dict[str, Any]:
        """The JSON Web Key Set."""
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": self._id, "use": "sig", "alg": "RS256"}]}

    def discovery(self, keys_url: str) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "jwks_uri": keys_url,
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        }


def verified(token: str, places: Mapping[str, str], now: float) -> Claims:
    """The claims of a token that one of the issuers in ``places`` signed, and that is in force at ``now``.

    ``places``: where each trusted issuer's discovery document is, less ``/.well-known/...``. Audience and
    subject are the caller's to compare. Raises Distrusted.
    """
    issuer = _unverified(token).get("iss")
    place = places.get(issuer) if isinstance(issuer, str) else None
    if place is None:
        raise Distrusted("issuer")
    try:
        document = _json(f"{place}/.well-known/openid-configuration")
        key = jwt.PyJWKClient(document["jwks_uri"], timeout=5).get_signing_key_from_jwt(token)
    except (urllib.error.URLError, TimeoutError, jwt.PyJWKClientConnectionError):
        raise Distrusted("unreachable") from None
    except jwt.PyJWKClientError:
        raise Distrusted("signature") from None
    unchecked: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False)
    try:
        claims: Claims = jwt.decode(token, key.key, algorithms=["RS256"], options=unchecked)
    except jwt.InvalidTokenError:
        raise Distrusted("signature") from None
    if claims.get("exp", 0) <= now:
        raise Distrusted("expired")
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + LEEWAY:
        raise Distrusted("early")
    return claims


def _unverified(token: str) -> Claims:
    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except jwt.InvalidTokenError:
        raise Distrusted("malformed") from None


def _json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)
