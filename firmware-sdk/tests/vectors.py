#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the C reader makes of the shared vectors with what stands in
them. usage: vectors.py VECTOR_READ MESSAGES_JSON"""

import json
import subprocess
import sys

TYPES = ["server/hello", "server/time", "server/state", "server/command", "stream/start", "stream/clear", "stream/end", "group/update"]
ROLES = ["player@v1", "controller@v1", "metadata@v1", "_jumpgate@v1"]
CONTROLS = ["play", "pause", "stop", "next", "previous", "volume", "mute", "jump", "like", "dislike"]


def bits(words, names):
    return sum(1 << names.index(w) for w in words if w in names)


def place(word, names):
    return names.index(word) if word in names else len(names)


def hexed(text):
    return (text or "").encode().hex()


def wanted(message):
    out = {"type": str(place(message["type"], TYPES))}
    p = message.get("payload") or {}

    def put(name, value, make=lambda v: str(int(v))):
        out[name] = make(value)

    for name in ("client_transmitted", "server_received", "server_transmitted"):
        if name in p:
            put(name, p[name])
    if "active_roles" in p:
        put("active_roles", bits(p["active_roles"], ROLES))
    if "playback_state" in p:
        put("playback_state", place(p["playback_state"], ["playing", "stopped"]))
    if "roles" in p:
        put("families", bits(p["roles"], ["player"]))
    for name in ("server_id", "name"):
        if name in p:
            put(name, p[name], hexed)
    player = p.get("player") or {}
    if "codec" in player:
        put("codec", place(player["codec"], ["pcm", "flac", "opus"]))
    for name in ("sample_rate", "channels", "bit_depth"):
        if name in player:
            put(name, player[name])
    if "command" in player:
        put("command", place(player["command"], ["volume", "mute", "set_static_delay"]))
    if "codec_header" in player:
        put("codec_header", player["codec_header"], hexed)
    controller = p.get("controller") or {}
    if "supported_commands" in controller:
        put("commands", bits(controller["supported_commands"], CONTROLS))
    if "volume" in controller:
        put("group_volume", controller["volume"])
    if "muted" in controller:
        put("group_muted", controller["muted"])
    own = p.get("_jumpgate") or {}
    if "supported_commands" in own:
        put("buttons", bits(own["supported_commands"], CONTROLS))
    if "rating" in own:
        put("rating", place(own["rating"], ["none", "like", "dislike"]))
    metadata = p.get("metadata") or {}
    for name in ("title", "artist", "album_artist", "album", "artwork_url"):
        if name in metadata:
            put(name, metadata[name], hexed)
    if (metadata.get("progress") or {}).get("track_progress") is not None:
        put("track_progress", metadata["progress"]["track_progress"])
    return out


def main():
    vectors = json.load(open(sys.argv[2]))
    ours = [v for v in vectors if v["dialect"] in ("cleartext", "both") and v["from"] == "server"]
    lines = "".join(json.dumps(v["message"], ensure_ascii=i % 2 == 0) + "\n" for i, v in enumerate(ours))
    out = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    bad = 0
    for vector, line in zip(ours, out, strict=True):
        got = dict(pair.partition("=")[::2] for pair in line.split(" "))
        want = wanted(vector["message"])
        if got != want:
            print(f"{vector['name']}: read as {got}, not {want}")
            bad += 1
    print(f"{len(ours)} messages of the shared vectors, {bad} read wrongly")
    return bad > 0 or len(ours) < 10


sys.exit(main())
