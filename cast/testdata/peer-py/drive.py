"""Drives a Cast device with pychromecast.

    python drive.py PORT

reads commands from standard input, carries each out, and prints what
pychromecast believes of the device afterwards as a JSON line.
"""

import functools
import json
import sys
import threading
import uuid

import pychromecast
from pychromecast.controllers.multizone import MultizoneController
from pychromecast.response_handler import WaitResponse


def fresh(ask):
    """Waits for the answer to a question about the device's status."""
    waiting = WaitResponse(10, "status")
    ask(callback_function=waiting.callback)
    waiting.wait_response()


def one_at_a_time(client):
    """pychromecast writes to its TLS socket from two threads, which OpenSSL
    answers with "bad length" now and then."""
    lock = threading.RLock()

    def locked(method):
        @functools.wraps(method)
        def call(*args, **kwargs):
            with lock:
                return method(*args, **kwargs)

        return call

    client.send_message = locked(client.send_message)
    client._read_message = locked(client._read_message)


def main():
    host = ("127.0.0.1", int(sys.argv[1]), uuid.uuid4(), "Emulated", "Emulated")
    cast = pychromecast.get_chromecast_from_host(host, tries=1, timeout=10)
    zone = MultizoneController(cast.uuid)
    cast.register_handler(zone)
    one_at_a_time(cast.socket_client)
    cast.wait(10)
    media = cast.media_controller

    def play(url, title, enqueue=False):
        media.play_media(url, "audio/flac", title=title, stream_type="BUFFERED", enqueue=enqueue)
        media.block_until_active(10)

    commands = {
        "look": lambda: None,
        "load": play,
        "enqueue": lambda url, title: play(url, title, True),
        "pause": media.pause,
        "play": media.play,
        "seek": lambda to: media.seek(float(to)),
        "rate": lambda rate: media.set_playback_rate(float(rate)),
        "next": media.queue_next,
        "previous": media.queue_prev,
        "stop": media.stop,
        "volume": lambda level: cast.set_volume(float(level)),
        "mute": lambda on: cast.set_volume_muted(on == "1"),
        "members": zone.update_members,
        "quit": cast.quit_app,
    }
    for line in sys.stdin:
        command, *args = line.split()
        commands[command](*args)
        fresh(cast.socket_client.receiver_controller.update_status)
        if cast.app_id == pychromecast.config.APP_MEDIA_RECEIVER:
            fresh(media.update_status)
        believed = media.status
        print(json.dumps({
            "did": command,
            "app": cast.app_id or "",
            "volume": cast.status.volume_level,
            "muted": cast.status.volume_muted,
            "state": believed.player_state,
            "content": believed.content_id or "",
            "title": believed.title or "",
            "time": believed.current_time,
            "duration": believed.duration or 0,
            "rate": believed.playback_rate,
            "idle": believed.idle_reason or "",
            "members": sorted(zone.members),
        }), flush=True)
    cast.disconnect(10)


main()
