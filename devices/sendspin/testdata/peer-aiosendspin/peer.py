"""A foreign Sendspin peer for the tests: aiosendspin as a client or as a server.

Each event is one JSON object a line on standard output; each line on standard
input is a request. `peer.py client URL` connects, `peer.py listen PORT` waits
for a server, `peer.py server PORT` is a server, `peer.py reach URL` is a server
that connects to a client which listens at URL.
"""

import asyncio
import json
import math
import struct
import sys

import av  # noqa: F401  (slow to load: not while playing)
from aiosendspin.client import ClientListener, SendspinClient
from aiosendspin.models.player import ClientHelloPlayerSupport, SupportedAudioFormat
from aiosendspin.models.types import AudioCodec, GoodbyeReason, MediaCommand, PlayerCommand, PlayerStateType, Roles
from aiosendspin.server import SendspinServer
from aiosendspin.server.audio import AudioFormat


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def requests():
    """Yields what the test asks for, until it closes our input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


def make_client():
    formats = [
        SupportedAudioFormat(codec=codec, channels=2, sample_rate=44100, bit_depth=16)
        for codec in (AudioCodec.FLAC, AudioCodec.PCM)
    ]
    client = SendspinClient(
        "py-peer",
        "Python",
        [Roles.PLAYER, Roles.CONTROLLER, Roles.METADATA],
        player_support=ClientHelloPlayerSupport(
            supported_formats=formats,
            buffer_capacity=200_000,
            supported_commands=[PlayerCommand.VOLUME, PlayerCommand.MUTE],
        ),
        initial_volume=80,
    )
    client.add_server_hello_listener(lambda h: say("hello", server=h.server_id))
    client.add_stream_start_listener(
        lambda m: say("start", codec=m.payload.player.codec.value, rate=m.payload.player.sample_rate)
    )
    client.add_stream_clear_listener(lambda roles: say("clear", roles=roles))
    client.add_stream_end_listener(lambda roles: say("end", roles=roles))
    client.add_audio_chunk_listener(
        lambda at, data, _format: say("chunk", at=at, size=len(data), clock=client.compute_server_time(client.now_us()))
    )
    client.add_group_update_listener(lambda g: say("group", name=g.group_name))
    client.add_metadata_listener(lambda s: say("metadata", title=getattr(s.metadata, "title", None) or ""))
    client.add_controller_state_listener(
        lambda s: say("buttons", commands=[c.value for c in s.controller.supported_commands]) if s.controller else None
    )

    def command(payload):
        player = payload.player
        if player and player.command == PlayerCommand.VOLUME:
            say("volume", volume=player.volume)

    client.add_server_command_listener(command)
    client.add_disconnect_listener(lambda: say("gone"))
    return client


async def serve_requests(client):
    async for ask in requests():
        if "press" in ask:
            await client.send_group_command(MediaCommand(ask["press"]))
        if "volume" in ask:
            await client.send_player_state(
                state=PlayerStateType.SYNCHRONIZED, volume=ask["volume"], muted=False
            )
        if "bye" in ask:
            await client.send_goodbye(GoodbyeReason(ask["bye"]))
            await client.disconnect()
            return


async def be_client(url):
    client = make_client()
    await client.connect(url)
    await serve_requests(client)


async def be_listener(port):
    client = make_client()
    over = asyncio.Event()

    async def connected(ws):
        await client.attach_websocket(ws)
        await over.wait()

    listener = ClientListener("py-peer", connected, port=port, host="127.0.0.1", advertise_mdns=False)
    await listener.start()
    say("listening")
    await serve_requests(client)
    over.set()
    await listener.stop()


def tone(start, frames, rate):
    out = bytearray()
    for i in range(start, start + frames):
        v = int(12000 * math.sin(2 * math.pi * 441 * i / rate))
        out += struct.pack("<hh", v, v)
    return bytes(out)


async def be_server(port, url):
    server = SendspinServer(asyncio.get_running_loop(), "py-server", "Python server")
    await server.start_server(port=port, host="127.0.0.1", discover_clients=False)
    say("listening")
    if url:
        server.connect_to_client(url)
    stream = None
    async for ask in requests():
        client = server.get_client("p1")
        if "tone" in ask:
            while not (client := server.get_client("p1")) or not client.is_connected:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            rate, block = 48000, 4800
            stream = client.group.start_stream()
            # Made beforehand: this Python is slow. The silence behind the tone
            # pushes its end out of the encoders.
            parts = [tone(n * block, block, rate) for n in range(ask["tone"])] + 3 * [bytes(4 * block)]
            start = server.clock.now_us() + 1_000_000
            for part in parts:
                stream.prepare_audio(part, AudioFormat(rate, 16, 2))
                at = await stream.commit_audio(play_start_us=start)
                start = None
                say("sent", at=at)
        if "clear" in ask:
            stream.clear()
        if "volume" in ask:
            for role in client.active_roles:
                role.set_player_volume(ask["volume"])
        if "stop" in ask:
            client.group.stop_stream()
            await server.close()
            return


def main():
    mode, where = sys.argv[-2], sys.argv[-1]
    if mode == "client":
        asyncio.run(be_client(where))
    elif mode == "listen":
        asyncio.run(be_listener(int(where)))
    elif mode == "server":
        asyncio.run(be_server(int(where), None))
    elif mode == "reach":
        asyncio.run(be_server(0, where))


main()
