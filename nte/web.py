"""The door to an address on the web that is only called; what it answers is not read."""

from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from nte.errors import NteError

TRIES, PAUSE_SECONDS, ANSWER_SECONDS = 4, 1.0, 10
BUSY = (429, 500, 502, 503, 504)


def call(address: str, *, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Call an address, some times where it is busy or silent. Raises NteError, which does not tell the whole address.

    Whoever knows the address could call it.
    """
    again = Retry(
        TRIES, backoff_factor=pause_seconds, status_forcelist=BUSY, respect_retry_after_header=False
    )
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=again))
        try:
            session.get(address, timeout=ANSWER_SECONDS).raise_for_status()
        except requests.RequestException as problem:
            raise NteError(
                f"the heartbeat address at {urlsplit(address).hostname} does not take the call "
                f"({type(problem).__name__}). Look whether NTE_HEARTBEAT_URL is right and can be reached from here."
            ) from None
