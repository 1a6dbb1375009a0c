"""Follows a live stream over HTTP/3 with aioquic and prints what came of it as JSON.

    python follow.py URL PARTS
"""

import asyncio
import base64
import json
import re
import ssl
import sys
import time
from urllib.parse import urlsplit

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration


# A part that is listed, or hinted: its name, its segment's number and its own.
PART = re.compile(r'^#EXT-X-(?:PART:.*|PRELOAD-HINT:TYPE=PART,)URI="((\d+)\.(\d+)\.[^"]+)"', re.MULTILINE)


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.waiting = {}

    def quic_event_received(self, event):
        for e in self.http.handle_event(event):
            if not isinstance(e, (HeadersReceived, DataReceived)) or e.stream_id not in self.waiting:
                continue
            answer, done = self.waiting[e.stream_id]
            if isinstance(e, HeadersReceived):
                answer["headers"] = {k.decode(): v.decode() for k, v in e.headers}
            else:
                answer["body"] += e.data
            if e.stream_ended:
                del self.waiting[e.stream_id]
                done.set_result(answer)

    async def ask(self, authority, path, method="GET", **headers):
        stream = self._quic.get_next_available_stream_id()
        done = asyncio.get_running_loop().create_future()
        self.waiting[stream] = ({"headers": {}, "body": b""}, done)
        head = [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]
        head += [(k.replace("_", "-"), v) for k, v in headers.items()]
        self.http.send_headers(stream, [(k.encode(), v.encode()) for k, v in head], end_stream=True)
        self.transmit()
        answer = await asyncio.wait_for(done, 20)
        answer["status"] = int(answer["headers"][":status"])
        if answer["status"] == 200 and method == "GET" and int(answer["headers"]["content-length"]) != len(answer["body"]):
            raise ValueError(f"{path}: not as long as it says")
        return answer


async def main(url, count):
    where = urlsplit(url)
    setup = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE)
    async with connect(where.hostname, where.port, configuration=setup, create_protocol=Client) as client:

        async def ask(path, method="GET", **headers):
            return await client.ask(where.netloc, path, method, **headers)

        playlist = (await ask("/live.m3u8"))["body"].decode()
        init = re.search(r'EXT-X-MAP:URI="([^"]+)"', playlist)[1]
        media = (await ask("/" + init))["body"]
        parts = held = 0
        last = None
        while parts < count:
            *listed, hint = [((int(msn), int(part)), name) for name, msn, part in PART.findall(playlist)]
            for at, name in listed:
                if last and at > last and parts < count:  # what came while we were late
                    got = await ask("/" + name)
                    if got["status"] != 200:
                        raise ValueError(f"{name}: {got['status']}")
                    media += got["body"]
                    parts += 1
                    last = at
            if parts == count:
                break
            (msn, part), name = hint
            begun = time.monotonic()
            # The hinted part and the next playlist at once, as players ask.
            got, reload = await asyncio.gather(ask("/" + name), ask(f"/live.m3u8?_HLS_msn={msn}&_HLS_part={part}"))
            playlist = reload["body"].decode()
            if got["status"] == 404:
                continue  # the segment ended before it
            if got["status"] != 200 or reload["status"] != 200:
                raise ValueError(f"{name}: {got['status']}, {reload['status']}")
            media += got["body"]
            parts += 1
            last = (msn, part)
            held += time.monotonic() - begun > 0.05
        # No HEAD: aioquic takes its Content-Length for that of a body (RFC 9114 4.1.2).
        tag = (await ask("/" + init))["headers"]["etag"]
        statuses = {
            "again": (await ask("/" + init, if_none_match=tag))["status"],
            "range": (await ask("/" + init, range="bytes=4-7"))["status"],
            "absurd": (await ask("/live.m3u8?_HLS_msn=99999999"))["status"],
            "nothing": (await ask("/nothing"))["status"],
            "dots": (await ask("/../live.m3u8"))["status"],
            "slash": (await ask("/x%2flive.m3u8"))["status"],
        }
    print(json.dumps({"parts": parts, "held": held, "statuses": statuses, "media": base64.b64encode(media).decode()}))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
