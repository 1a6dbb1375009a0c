"""A foreign Sendspin peer of the current dialect: aiosendspin as a client or as a
strict server.

Each event is one JSON object a line on standard output; each line on standard
input is a request. `now.py client URL METHOD` connects, `now.py listen PORT METHOD`
waits for a server, `now.py server PORT` is a server. METHOD is how the client's
code comes out: digits, qr, static, or none.
"""

import asyncio
import hashlib
import json
import struct
import sys

import av  # noqa: F401  (slow to load: not while playing)
from aiosendspin.client import ClientListener, SendspinClient
from aiosendspin.client.models import PairingSupport
from aiosendspin.models.artwork import ArtworkChannel
from aiosendspin.models.player import ClientHelloPlayerSupport, SupportedAudioFormat
from aiosendspin.models.source import ClientHelloSourceSupport
from aiosendspin.models.types import (
    ArtworkSource, AudioCodec, GoodbyeReason, MediaCommand, PairingCodeFormat, PairMethod, PictureFormat, PlayerCommand, Roles,
)
from aiosendspin.models.visualizer import (
    ClientHelloVisualizerSpectrum, ClientHelloVisualizerSupport, VisualizerStatePayload,
)
from aiosendspin.noise.keys import Identity, psk_id_for
from aiosendspin.noise.pairing import PairingAttempt
from aiosendspin.noise.pairing_token import PSKPairingToken, encode_psk_token
from aiosendspin.noise.session import NoiseCipherSuite
from aiosendspin.noise.trust_store import (
    ClientPairingConfig, InMemoryClientPairingStore, InMemoryServerPairingStore, PairingPsk,
)
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


async def make_client(method, suite):
    identity = Identity.from_private_bytes(bytes(range(0x41, 0x61)))
    psk = bytes(range(0xC0, 0xE0))
    store = InMemoryClientPairingStore()
    await store.set_pairing_psk(PairingPsk(psk_id_for(psk), psk))
    await store.store_pairing_config(
        ClientPairingConfig(
            unpaired_access_enabled=True,
            static_pairing_code_enabled=method == "static",
            dynamic_pairing_code_enabled=method != "static",
        )
    )
    support = None
    if method == "static":
        await store.set_static_pairing_code("12345678")
        support = PairingSupport(pair_pending_message="Hold the button.")
    elif method != "none":

        async def show(code, *, grouped):
            say("code", code=code or "", grouped=grouped or "")

        async def qr(token):
            say("qr", code=token or "")

        support = PairingSupport(pairing_code_display=show, qr_code_display=qr)
    formats = [
        SupportedAudioFormat(codec=codec, channels=2, sample_rate=44100, bit_depth=16)
        for codec in (AudioCodec.FLAC, AudioCodec.PCM)
    ]
    client = SendspinClient(
        identity,
        "Python",
        [Roles.PLAYER, Roles.CONTROLLER, Roles.METADATA, Roles.ARTWORK, Roles.COLOR, Roles.VISUALIZER, Roles.SOURCE],
        pairing_store=store,
        pairing_support=support,
        player_support=ClientHelloPlayerSupport(supported_formats=formats, buffer_capacity=200_000),
        artwork_channels=[
            ArtworkChannel(source=ArtworkSource.ALBUM, format=PictureFormat.JPEG, width=64, height=64)
        ],
        visualizer_support=ClientHelloVisualizerSupport(buffer_capacity=4096),
        visualizer_state=VisualizerStatePayload(
            types=["loudness", "spectrum", "f_peak", "peak"],
            rate_max=30,
            spectrum=ClientHelloVisualizerSpectrum(n_disp_bins=8, scale="mel", f_min=40, f_max=16000),
        ),
        source_support=ClientHelloSourceSupport(),
        state_supported_commands=[PlayerCommand.VOLUME, PlayerCommand.MUTE],
        initial_volume=80,
        cipher_suite=NoiseCipherSuite(suite),
    )
    client.token = encode_psk_token(PSKPairingToken(client_id=identity.peer_id, pairing_psk=psk))

    def started(m):
        p = m.payload
        if p.player:
            say("start", codec=p.player.codec.value, rate=p.player.sample_rate)
        if p.artwork:
            say("artstart", size=p.artwork.channels[0].width)
        if p.visualizer:
            say("visualstart")

    client.add_stream_start_listener(started)
    client.add_stream_clear_listener(lambda roles: say("clear", roles=roles))
    client.add_stream_end_listener(lambda roles: say("end", roles=roles))
    client.add_audio_chunk_listener(
        lambda at, data, _format, ahead: say(
            "chunk", at=at, size=len(data), ahead=ahead, clock=client.compute_server_time(client.now_us())
        )
    )
    client.add_group_update_listener(lambda g: say("group", name=g.group_name))
    client.add_metadata_listener(lambda s: say("metadata", title=(s and s.metadata.title) or ""))
    client.add_controller_state_listener(
        lambda s: say("buttons", commands=[c.value for c in s.controller.supported_commands]) if s else None
    )
    client.add_color_listener(lambda s: say("color", size=(s.color.primary or [0])[0]) if s else None)
    client.add_artwork_listener(
        lambda channel, data: say("picture", size=len(data), code=hashlib.sha256(data).hexdigest())
    )
    client.add_visualizer_listener(lambda frames: say("visual", at=frames[0].timestamp_us))
    client.add_application_binary_listener(lambda kind, data: say("binary", size=len(data)))
    client.add_pairing_abort_listener(lambda reason: say("abort", code=reason.value))

    def command(payload):
        player = payload.player
        if player and player.command == PlayerCommand.VOLUME:
            say("volume", volume=player.volume)
        if payload.source:
            say("source", code=payload.source.command)

    client.add_server_command_listener(command)
    client.add_disconnect_listener(lambda: say("gone"))
    return client, store


async def serve_requests(client, store):
    async for ask in requests():
        if "press" in ask:
            await client.send_group_command(MediaCommand(ask["press"]))
        if "volume" in ask:
            await client.send_player_state(available=True, volume=ask["volume"], muted=False)
        if "available" in ask:
            await client.send_available(available=ask["available"])
        if "window" in ask:
            client.open_pairing_window()
        if "records" in ask:
            records = await store.list_records()
            paired = client.noise_psk.category.name if client.noise_psk else ""
            say("records", size=len(records), code=paired)
        if "capture" in ask:
            capture = client.create_source_capture(
                SupportedAudioFormat(codec=AudioCodec.PCM, channels=2, sample_rate=48000, bit_depth=16)
            )
            await capture.start()
            for n in range(ask["capture"]):
                await capture.feed(struct.pack("<hh", n, -n) * 960)
                await asyncio.sleep(0.02)
            await capture.stop()
        if "leave" in ask:
            await client.send_leave()
        if "bye" in ask:
            await client.disconnect(GoodbyeReason(ask["bye"]))
            return


async def be_client(url, method, suite):
    client, store = await make_client(method, suite)
    await client.connect(url)
    say("connected", server=client.server_info.server_id, code=client.token)
    await serve_requests(client, store)


async def be_listener(port, method, suite):
    client, store = await make_client(method, suite)
    over = asyncio.Event()

    async def connected(ws):
        await client.attach_websocket(ws)
        await over.wait()

    listener = ClientListener("py-peer", connected, port=port, host="127.0.0.1", advertise_mdns=False)
    await listener.start()
    say("listening")
    await serve_requests(client, store)
    over.set()
    await listener.stop()


async def be_server(port):
    store = InMemoryServerPairingStore()
    server = SendspinServer(
        asyncio.get_running_loop(),
        Identity.from_private_bytes(bytes(range(1, 33))),
        "Python server",
        pairing_store=store,
        allow_noncompliant_clients=False,
        languages=["ko", "en"],
    )
    await server.start_server(port=port, host="127.0.0.1", discover_clients=False)
    say("listening")
    entered = asyncio.Queue()
    tasks = set()

    async def code():
        say("wanted")
        return await entered.get()

    async def pairing(client_id, method):
        attempt = PairingAttempt(
            method=PairMethod(method),
            pairing_code_provider=code,
            pairing_format=PairingCodeFormat.DIGITS if method == "dynamic_pairing_code" else None,
        )
        try:
            await server.initiate_pairing(client_id, attempt)
            say("paired", size=len(await store.list_records()))
        except Exception as err:  # noqa: BLE001
            say("failed", code=repr(err))

    async for ask in requests():
        if "trust" in ask:
            while not (client := server.get_client(ask["trust"])) or not client.is_connected:
                await asyncio.sleep(0.02)
            await server.trust_unpaired(ask["trust"], approved_roles={"controller"})
            say("trusted")
        if "pair" in ask:
            task = asyncio.create_task(pairing(ask["id"], ask["pair"]))
            tasks.add(task)
        if "code" in ask:
            entered.put_nowait(ask["code"])
        if "tone" in ask:
            client = server.get_client(ask["id"])
            await asyncio.sleep(0.5)
            stream = client.group.start_stream()
            start = server.clock.now_us() + 1_000_000
            for _ in range(ask["tone"]):
                stream.prepare_audio(struct.pack("<hh", 5, 6) * 4800, AudioFormat(48000, 16, 2))
                at = await stream.commit_audio(play_start_us=start)
                start = None
                say("sent", at=at)
        if "unpair" in ask:
            await server.unpair(ask["unpair"])
        if "stop" in ask:
            await server.close()
            return


def main():
    mode, where, *rest = sys.argv[1:]
    if mode == "client":
        asyncio.run(be_client(where, *rest))
    elif mode == "listen":
        asyncio.run(be_listener(int(where), *rest))
    elif mode == "server":
        asyncio.run(be_server(int(where)))


main()
