"""httpx's single requests without its 30 ms of processor time: each would read all certificate authorities anew."""

import ssl
from functools import partial

import httpx

_AUTHORITIES = ssl.create_default_context()

get = partial(httpx.get, verify=_AUTHORITIES)
head = partial(httpx.head, verify=_AUTHORITIES)
post = partial(httpx.post, verify=_AUTHORITIES)
stream = partial(httpx.stream, verify=_AUTHORITIES)
