"""aiosendspin's server, of either dialect, in simulated time, with a player that lives in the same time.

`hour.py RATE BITS SECONDS JITTER_MS [disturbed]`: file 3 takes the steps of
firmware-sdk/tests/lockstep.c and file 4 has its answers; file 5 has the music,
which is played so often that it lasts SECONDS. Whatever is sent takes up to
JITTER_MS, either way. Each event is one JSON object a line on standard output.

Where the event loop has nothing to do until some time, it does not wait: the
player lives until then, or until it has something to say, and that is the time.
The connection is in memory, so whatever both say at an instant is heard before
time goes on, and nothing here depends on how fast this machine is.
"""

import asyncio
import collections
import json
import math
import os
import random
import selectors
import struct
import sys

import av  # noqa: F401  (slow to load)
from aiohttp import web
from aiosendspin.models.types import MediaCommand
from aiosendspin.server import SendspinServer
from aiosendspin.server.audio import AudioFormat
from aiosendspin.server.roles.controller.events import ControllerNextEvent, ControllerVolumeEvent
from aiosendspin.server.roles.player.events import VolumeChangedEvent

try:
    from aiosendspin.noise.keys import Identity
    from aiosendspin.noise.trust_store import InMemoryServerPairingStore
except ImportError:  # a release of the cleartext dialect
    Identity = None

CUT, PRESS_NEXT, GROUP_VOLUME, OWN_VOLUME, PREFER = range(1, 6)  # lockstep.c's enum order


def read_exactly(fd, size):
    out = bytearray()
    while len(out) < size:
        part = os.read(fd, size - len(out))
        if not part:
            raise EOFError("the player has ended")
        out += part
    return bytes(out)


class Wire(asyncio.Transport):
    """The server's end of a connection."""

    def __init__(self, world, protocol):
        super().__init__()
        self.world, self.protocol, self.closed = world, protocol, False

    def get_extra_info(self, name, default=None):
        return ("192.0.2.1", 1) if name == "peername" else default

    def is_closing(self):
        return self.closed

    def write(self, data):
        if not self.closed:
            self.world.post(self.world.down, bytes(data))

    def close(self):
        if not self.closed:
            self.closed = True
            self.world.loop.call_soon(self.protocol.connection_lost, None)

    abort = close

    def get_write_buffer_size(self):
        return 0

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class World(selectors.DefaultSelector):
    """The time, the player, and what is on its way between it and the server."""

    def __init__(self, jitter_us):
        super().__init__()
        self.now, self.jitter, self.random = 5_000_000, jitter_us, random.Random(7)
        self.up, self.down = collections.deque(), collections.deque()  # (when it arrives, bytes)
        self.orders, self.wire, self.opened, self.steps = collections.deque(), None, 0, 0
        self.accept = self.loop = None
        os.write(3, struct.pack("=q", self.now))

    def post(self, queue, data):
        at = self.now + int(self.random.uniform(0, self.jitter))
        queue.append((max(at, queue[-1][0]) if queue else at, data))

    def due(self, queue):
        out = b""
        while queue and queue[0][0] <= self.now:
            out += queue.popleft()[1]
        return out

    def select(self, timeout=None):
        """The loop's selector: there is no file to wait for, only time."""
        if timeout is None or timeout > 0:
            until = self.now + (100_000 if timeout is None else max(1, math.ceil(timeout * 1e6 - 1e-3)))
            self.live(min([until] + [q[0][0] for q in (self.up, self.down) if q]))
        return []

    def live(self, until):
        heard = self.due(self.up)
        if heard and self.wire and not self.wire.closed:
            self.loop.call_soon(self.wire.protocol.data_received, heard)
            return
        told = self.due(self.down)
        order = self.orders.popleft() if self.orders else 0
        if order & 0xFF == CUT:
            self.wire.closed = True
            self.loop.call_soon(self.wire.protocol.connection_lost, ConnectionResetError())
            self.up.clear()
            self.down.clear()
            told = b""
        os.write(3, struct.pack("=qqII", self.now, max(until, self.now), len(told), order))
        for at in range(0, len(told), 65536):
            os.write(3, told[at : at + 65536])
        at, size, opened = struct.unpack("=qII", read_exactly(4, 16))
        said = read_exactly(4, size)
        self.steps += 1
        if opened > self.opened:
            self.opened = opened
            protocol = self.accept()
            self.wire = Wire(self, protocol)
            protocol.connection_made(self.wire)
        self.now = at if size else max(until, self.now)
        if said:
            self.post(self.up, said)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, world):
        super().__init__(world)
        self.world, world.loop = world, self
        self._clock_resolution = 1e-6

    def time(self):
        return self.world.now / 1e6

    def run_in_executor(self, executor, func, *args):
        """Threads have no part in this time: it is done at once."""
        future = self.create_future()
        future.set_result(func(*args))
        return future


class Clock:
    def __init__(self, world):
        self.world = world

    def now_us(self):
        return self.world.now


class Hour:
    def __init__(self, world, rate, bits, seconds, disturbed):
        self.world, self.format, self.seconds, self.server = world, AudioFormat(rate, bits, 2), seconds, None
        self.disturbed = disturbed
        self.music = b""
        while part := os.read(5, 1 << 20):
            self.music += part

    def say(self, event, **fields):
        print(json.dumps({"event": event, "at": self.world.now, **fields}), flush=True)

    def make_server(self):
        loop, clock = asyncio.get_running_loop(), Clock(self.world)
        if Identity is None:
            return SendspinServer(loop, "py-server", "Python server", clock=clock)
        return SendspinServer(
            loop,
            Identity.from_private_bytes(bytes(range(1, 33))),
            "Python server",
            pairing_store=InMemoryServerPairingStore(),
            allow_noncompliant_clients=False,
            clock=clock,
        )

    async def client(self):
        async with asyncio.timeout(30):
            while not (clients := [c for c in self.server.clients if c.is_connected]):
                await asyncio.sleep(0.02)
        if Identity is not None:
            await self.server.trust_unpaired(clients[0].client_id, approved_roles={"controller"})
            await asyncio.sleep(1)
        return clients[0]

    async def play(self, stream):
        """The music so often that it lasts as long as wanted, then silence, which
        pushes the end out of the encoder."""
        # What a player has no room for waits here, and aiosendspin 6.1.1 sends it
        # behind a change of format, to which it does not belong: then nothing waits.
        ahead = 1_000_000 if self.disturbed and Identity is None else 3_000_000
        block = self.format.sample_rate // 10 * 2 * self.format.bit_depth // 8
        times = -(-self.seconds * 10 * block // len(self.music))
        self.say("playing", times=times)
        for n in range(times):
            for at in range(0, len(self.music), block):
                stream.prepare_audio(self.music[at : at + block], self.format)
                await stream.commit_audio()
                await stream.sleep_to_limit_buffer(ahead)
        for _ in range(10):
            stream.prepare_audio(bytes(block), self.format)
            await stream.commit_audio()
        await asyncio.sleep(6)

    def heard(self, group, event):
        if isinstance(event, ControllerNextEvent):
            self.say("next")
        elif isinstance(event, ControllerVolumeEvent):
            self.say("group volume", volume=event.volume)

    async def command(self, group):
        """Every minute there is a title, and something is done at the player."""
        controller, metadata = group.group_role("controller"), group.group_role("metadata")
        controller.set_supported_commands([MediaCommand.NEXT, MediaCommand.VOLUME])
        orders = [lambda n: PRESS_NEXT, lambda n: GROUP_VOLUME | (n % 100) << 8, lambda n: OWN_VOLUME | (n % 50) << 8]
        for n in range(self.seconds // 60):
            metadata.update(title=f"Track {n}", track_progress=0, track_duration=60_000, playback_speed=1000)
            self.say("title", title=f"Track {n}")
            await asyncio.sleep(30)
            order = orders[n % 3](n)
            self.say("order", order=order)
            self.world.orders.append(order)
            await asyncio.sleep(30)

    async def disturb(self):
        """The connection is cut, and the player asks for its other format, and for the
        first one again."""
        for n in range(9):
            await asyncio.sleep(self.seconds / 10)
            event, order = [("cut", CUT), ("prefer", PREFER | 1 << 8), ("prefer", PREFER)][n % 3]
            self.say(event, order=order)
            self.world.orders.append(order)

    async def run(self):
        self.server = self.make_server()
        app = web.Application()
        app.router.add_get("/sendspin", self.server.on_client_connect)
        runner = web.AppRunner(app)
        await runner.setup()
        self.world.accept = runner.server
        client = await self.client()
        client.add_event_listener(
            lambda _client, e: self.say("volume", volume=e.volume) if isinstance(e, VolumeChangedEvent) else None
        )
        client.group.add_event_listener(self.heard)
        await asyncio.sleep(60 if self.world.jitter else 1)  # until the clock is known
        tasks = [asyncio.create_task(self.command(client.group))]
        if self.disturbed:
            tasks.append(asyncio.create_task(self.disturb()))
        await self.play(client.group.start_stream())
        for task in tasks:
            task.cancel()
        client.group.stop_stream()
        await asyncio.sleep(1)
        self.say("over", steps=self.world.steps)


def main():
    rate, bits, seconds, jitter = (int(a) for a in sys.argv[1:5])
    world = World(jitter * 1000)
    loop = Loop(world)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(Hour(world, rate, bits, seconds, sys.argv[5:] == ["disturbed"]).run())


main()
