"""The emulated tenant, as Auth0's own library for Python meets it.

It reads AUTH0_DOMAIN, APP_CLIENT_ID and APP_CLIENT_SECRET from the
environment, and codes from the tenant's inbox.
"""

import json
import os
import re
import ssl
import urllib.request

from auth0.authentication import GetToken, Passwordless
from auth0.authentication.exceptions import Auth0Error
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError

DOMAIN = os.environ["AUTH0_DOMAIN"]
CLIENT = os.environ["APP_CLIENT_ID"]
SECRET = os.environ["APP_CLIENT_SECRET"]

ADA = "auth0|ada"
PHONE = "+14155550142"
NEW_PHONE = "+14155550199"
EMAIL = "grace@example.com"


def newest_code():
    """The code in the newest message."""
    trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    with urllib.request.urlopen(f"https://{DOMAIN}/inbox", context=trust) as answer:
        text = json.load(answer)[-1]["text"]
    return re.search(r"\b\d{6}\b", text).group()


def refused(error, call):
    """Holds that a call is refused with this word."""
    try:
        call()
    except Auth0Error as refusal:
        assert refusal.error_code == error, (error, refusal.status_code, refusal.error_code)
        return
    raise AssertionError(f"it was not refused with {error}")


def codes_are_sent_and_judged():
    """A code that was sent signs in once; any other one does not."""
    passwordless = Passwordless(DOMAIN, CLIENT, client_secret=SECRET)
    tokens = GetToken(DOMAIN, CLIENT, client_secret=SECRET)

    def sms():
        assert passwordless.sms(PHONE)["phone_number"] == PHONE

    def email():
        assert passwordless.email(EMAIL, send="code")["email"] == EMAIL

    for start, contact, realm in [(sms, PHONE, "sms"), (email, EMAIL, "email")]:
        start()
        code = newest_code()
        wrong = f"{(int(code) + 1) % 1_000_000:06}"

        def login(code, contact=contact, realm=realm):
            return tokens.passwordless_login(contact, code, realm, "openid", None)

        refused("invalid_grant", lambda: login(wrong))
        granted = login(code)
        assert granted["token_type"] == "Bearer" and granted["id_token"], sorted(granted)
        refused("invalid_grant", lambda: login(code))

    stranger = Passwordless(DOMAIN, CLIENT, client_secret="another secret")
    refused("access_denied", lambda: stranger.sms(PHONE))


def users_are_made_and_linked():
    """The Management API takes a token of the back end's, and links a number."""
    granted = GetToken(DOMAIN, CLIENT, client_secret=SECRET).client_credentials(
        f"https://{DOMAIN}/api/v2/"
    )
    management = ManagementClient(domain=DOMAIN, token=granted["access_token"])
    ada = management.users.get(ADA)
    assert ada.phone_number == PHONE and ada.phone_verified, ada
    before = {identity.provider for identity in ada.identities}

    made = management.users.create(
        connection="sms", phone_number=NEW_PHONE, phone_verified=True
    )
    provider, name = made.user_id.split("|")
    linked = management.users.identities.link(ADA, provider=provider, user_id=name)
    assert any(identity.user_id == name for identity in linked), linked

    identities = management.users.get(ADA).identities
    assert [identity for identity in identities if identity.user_id == name], identities
    assert "auth0" in before
    try:
        management.users.get(made.user_id)
    except ApiError as gone:
        assert gone.status_code == 404, gone
    else:
        raise AssertionError("a user that was linked is still a user alone")
    try:
        management.users.create(connection="sms", phone_number=NEW_PHONE, phone_verified=True)
    except ApiError as taken:
        assert taken.status_code == 409, taken
    else:
        raise AssertionError("one number became two users")


def a_code_to_a_linked_number_signs_its_owner_in():
    """Whoever says the code of a number that Ada linked is Ada."""
    import jwt

    Passwordless(DOMAIN, CLIENT, client_secret=SECRET).sms(NEW_PHONE)
    granted = GetToken(DOMAIN, CLIENT, client_secret=SECRET).passwordless_login(
        NEW_PHONE, newest_code(), "sms", "openid", None
    )
    keys = jwt.PyJWKClient(f"https://{DOMAIN}/.well-known/jwks.json")
    claims = jwt.decode(
        granted["id_token"],
        keys.get_signing_key_from_jwt(granted["id_token"]).key,
        algorithms=["RS256"],
        audience=CLIENT,
        issuer=f"https://{DOMAIN}/",
    )
    assert claims["sub"] == ADA, claims["sub"]


for holds in [
    codes_are_sent_and_judged,
    users_are_made_and_linked,
    a_code_to_a_linked_number_signs_its_owner_in,
]:
    holds()
    print(f"  ok  {holds.__name__.replace('_', ' ')}")
