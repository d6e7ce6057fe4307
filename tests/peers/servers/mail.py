"""Mail as a parser of somebody else's reads it: one line of JSON for each.

Run by itself, it takes one mail from its standard input and adds it to the file
that it is given.
"""

import email
import email.policy
import json
import sys


def keep(path, server, raw):
    """Adds a mail, as it came, to a file of what has arrived."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part: mail.get_body((part,)) for part in ("plain", "html")}
    kept = {
        "server": server,
        "headers": {name.lower(): str(value) for name, value in mail.items()},
        "kind": mail.get_content_type(),
        "defects": [type(defect).__name__ for defect in mail.defects],
        **{part: body and body.get_content() for part, body in parts.items()},
    }
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(kept) + "\n")


if __name__ == "__main__":
    keep(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
