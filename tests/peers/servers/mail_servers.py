"""Mail servers by aiosmtpd, and certificates for them and for others.

Given a folder, it writes certificates there, starts its servers, says where
they are as NAME=VALUE, and runs until it is killed.
"""

import signal
import socket
import ssl
import sys
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mail import keep

USER, PASSWORD = b"pod", b"mail-password-42"


class Handler:
    """Takes mail for everybody but a few."""

    def __init__(self, name, arrived):
        self.name = name
        self.arrived = arrived
        self.greylisted = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        who = address.partition("@")[0]
        if who.startswith("grey") and address not in self.greylisted:
            self.greylisted.add(address)
            return "451 4.7.1 Greylisted, try again later"
        if who == "busy":
            return "450 4.2.1 Busy, try again later"
        if who == "gone":
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        keep(self.arrived, self.name, envelope.content)
        return "250 2.0.0 Taken"


def authenticate(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=known, handled=known)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def protected(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def main():
    folder = Path(sys.argv[1])
    arrived = folder / "arrived.jsonl"
    arrived.write_text("")
    ours, strange = trustme.CA(), trustme.CA()
    here = ["localhost", "127.0.0.1"]
    # OpenSMTPD wants a key of RSA.
    rsa = trustme.KeyType.RSA
    certificate = ours.issue_cert(*here, key_type=rsa)
    foreign = strange.issue_cert(*here)
    misnamed = ours.issue_cert("mail.example.com")
    ours.cert_pem.write_to_path(folder / "root.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    with open(folder / "cert.pem", "wb") as file:
        for pem in certificate.cert_chain_pems:
            file.write(pem.bytes())
    (folder / "key.pem").chmod(0o600)

    login = {
        "authenticator": authenticate,
        "auth_required": True,
        # Over TLS from the start it takes the connection for a clear one.
        "auth_require_tls": False,
    }
    servers = {
        "IMPLICIT": {"ssl_context": protected(certificate), **login},
        "STARTTLS": {
            "tls_context": protected(certificate),
            "require_starttls": True,
            **login,
            "auth_require_tls": True,
        },
        # As if somebody on the way had taken STARTTLS out of its answer.
        "STRIPPED": login,
        "STRANGE": {"ssl_context": protected(foreign), **login},
        "STRANGE_STARTTLS": {"tls_context": protected(foreign), **login},
        "MISNAMED": {"ssl_context": protected(misnamed), **login},
        # For what Postfix has taken.
        "RELAY": {},
    }
    controllers = []
    for name, settings in servers.items():
        port = free_port()
        controller = Controller(
            Handler(name, arrived),
            hostname="127.0.0.1",
            port=port,
            enable_SMTPUTF8=True,
            **settings,
        )
        controller.start()
        controllers.append(controller)
        print(f"PEER_MAIL_{name}=localhost:{port}")
    print(f"PEER_MAIL_ARRIVED={arrived}", flush=True)
    signal.pause()


main()
