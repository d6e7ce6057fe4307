"""The emulated Twilio, and pod's reading of reports, as Twilio's own library
for Python meets them.

It reads TWILIO_BASE_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM
from the environment, codes from the emulator's inbox, and where pod takes
reports from PEER_POD_STATUS.
"""

import json
import os
import queue
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

BASE = os.environ["TWILIO_BASE_URL"]
ACCOUNT = os.environ["TWILIO_ACCOUNT_SID"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
FROM = os.environ["TWILIO_FROM"]
STATUS = os.environ["PEER_POD_STATUS"]

# What the emulator says everybody may know.
KEY, KEY_SECRET = "SK0a1b2c3d4e5f60718293a4b5c6d7e8f9", "emulated-api-key-secret-42"
MESSAGING = "MG1a2b3c4d5e6f708192a3b4c5d6e7f809"
SERVICE = "VA2b3c4d5e6f708192a3b4c5d6e7f8091a"

PHONE = "+14155550142"
SIGNATURES = RequestValidator(TOKEN)


class Here(TwilioHttpClient):
    """Asks the emulator in place of Twilio."""

    def request(self, method, url, *rest, **more):
        path = urllib.parse.urlsplit(url)._replace(scheme="", netloc="").geturl()
        return super().request(method, BASE + path, *rest, **more)


def client(user=ACCOUNT, password=TOKEN):
    return Client(user, password, ACCOUNT, http_client=Here())


def refused(code, call):
    """Holds that a call is refused with this error."""
    try:
        call()
    except TwilioRestException as refusal:
        assert refusal.code == code, (code, refusal.code, refusal.status)
        return refusal.status
    raise AssertionError(f"it was not refused with {code}")


def newest_code():
    """The code in the newest message."""
    with urllib.request.urlopen(f"{BASE}/inbox") as answer:
        text = json.load(answer)[-1]["text"]
    return re.search(r"\b\d{6}\b", text).group()


class Reports:
    """A server of ours that keeps what is reported to it."""

    def __init__(self):
        self.kept = kept = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
                host = self.headers["host"]
                url = f"http://{host}{self.path}"
                kept.put((url, form, self.headers["x-twilio-signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/status"


def messages_are_taken_and_reported():
    """A message is taken, and its signed reports say how it ended."""
    reports = Reports()
    for sender, known in [
        ({"from_": FROM}, client()),
        ({"messaging_service_sid": MESSAGING}, client(KEY, KEY_SECRET)),
    ]:
        for callback in [reports.url, f"{reports.url}?order=Zo%C3%AB+1&sent=2&language=en-US"]:
            message = known.messages.create(
                to=PHONE,
                body="Grüße: 482913",
                status_callback=callback,
                validity_period=300,
                content_retention="discard",
                address_retention="obfuscate",
                **sender,
            )
            assert re.fullmatch("SM[0-9a-f]{32}", message.sid), message.sid
            assert message.status in ("queued", "accepted"), message.status
            assert message.account_sid == ACCOUNT and message.error_code is None
            ended = []
            for _ in range(2):
                url, form, signature = reports.kept.get(timeout=10)
                assert url == callback, url
                assert form["MessageSid"] == message.sid
                assert SIGNATURES.validate(url, form, signature)
                assert not SIGNATURES.validate(url + "x", form, signature)
                forged = form | {"MessageStatus": "failed"}
                assert not SIGNATURES.validate(url, forged, signature)
                ended.append(form["MessageStatus"])
            assert ended == ["sent", "delivered"], ended


def errors_are_twilios():
    """What Twilio's own test numbers bring about, and who is not let in."""
    create = client().messages.create
    for to, code in [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ]:
        refused(code, lambda: create(to=to, from_=FROM, body="482913"))
    for sender, code in [
        ("+15005550001", 21212),
        ("+15005550007", 21606),
        ("+15005550008", 21611),
    ]:
        refused(code, lambda: create(to=PHONE, from_=sender, body="482913"))
    stranger = client(password="0" * 32)
    status = refused(20003, lambda: stranger.messages.create(to=PHONE, from_=FROM, body="4"))
    assert status == 401, status


def verifications_are_sent_and_judged():
    """A code of Verify's is right once, for its own payment."""
    service = client().verify.v2.services(SERVICE)
    price = {"amount": "17.00 USD", "payee": "Pizza on Demand"}
    begun = service.verifications.create(to=PHONE, channel="sms", locale="en", **price)
    assert re.fullmatch("VE[0-9a-f]{32}", begun.sid), begun.sid
    assert begun.status == "pending" and len(begun.send_code_attempts) == 1
    code = newest_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    check = service.verification_checks.create
    judged = check(verification_sid=begun.sid, code=wrong, **price)
    assert (judged.status, judged.valid) == ("pending", False), judged.status
    judged = check(verification_sid=begun.sid, code=code, **price)
    assert (judged.status, judged.valid) == ("approved", True), judged.status
    status = refused(20404, lambda: check(verification_sid=begun.sid, code=code, **price))
    assert status == 404, status

    again = service.verifications.create(to=PHONE, channel="sms", **price)
    twice = service.verifications.create(to=PHONE, channel="sms", **price)
    assert again.sid == twice.sid and len(twice.send_code_attempts) == 2
    ended = service.verifications(again.sid).update(status="canceled")
    assert ended.status == "canceled", ended.status
    refused(20404, lambda: check(verification_sid=again.sid, code=newest_code(), **price))


def post(url, form, signature):
    """What pod answers to a report."""
    body = urllib.parse.urlencode(form).encode()
    headers = {"x-twilio-signature": signature} if signature else {}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def reports_are_believed_if_they_are_twilios():
    """Pod takes a report that the library signed, and none that was changed."""
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": FROM,
        "MessageSid": "SM" + "0" * 32,
        "MessageStatus": "delivered",
        "RawDlrDoneDate": "",
        "SmsSid": "SM" + "0" * 32,
        "SmsStatus": "delivered",
        "To": PHONE,
        "Zusatz": "Grüße, +1 & more=less",
    }
    query = "order=019abcde-0000-7000-8000-000000000000&sent=1795000000000000&language=de-DE"
    url = f"{STATUS}?{query}"
    signature = SIGNATURES.compute_signature(url, form)
    assert post(url, form, signature) == 204
    lost = form | {"MessageStatus": "undelivered", "ErrorCode": "30005"}
    # No such order: it is heard, and nothing comes of it.
    assert post(url, lost, SIGNATURES.compute_signature(url, lost)) == 204

    for changed in [
        (url, lost, signature),
        (f"{url}&x=1", form, signature),
        (STATUS, form, signature),
        (url, form | {"More": "1"}, signature),
        (url, form, RequestValidator("0" * 32).compute_signature(url, form)),
        (url, form, None),
    ]:
        assert post(*changed) == 403, changed


for holds in [
    messages_are_taken_and_reported,
    errors_are_twilios,
    verifications_are_sent_and_judged,
    reports_are_believed_if_they_are_twilios,
]:
    holds()
    print(f"  ok  {holds.__name__.replace('_', ' ')}")
