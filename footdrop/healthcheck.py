"""Asks the server in the same container whether it is well; the exit status is the answer."""

from __future__ import annotations

import http.client
import os
import sys

PORT = 8000
SECONDS = 4


def main() -> int:
    """Return 0 when the health check answers 200, else 1."""
    # The site answers only for the hosts it is set up for, so the question carries the first of them.
    host = os.environ.get("FOOTDROP_ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
