#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the shared vectors of handshakes and pairings, and those of CPace's draft,
through the C side. usage: vectors_secure.py VECTOR_SECURE VECTORS CPACE_JSON"""

import base64
import hashlib
import json
import subprocess
import sys

checks = 0
METHODS = ["pairing_psk", "dynamic_pairing_code", "static_pairing_code"]


class Device:
    """The C program, a line in and a line out."""

    def __init__(self, path, suite):
        self.program = subprocess.Popen([path, suite], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.program.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().rstrip("\n").split(" ")

    def text(self, *words):
        return " ".join(self.ask(*words)).strip()


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}: {got}, not {want}")


def handshake(d, v):
    message = d.ask("handshake", v["client_private"], base64.urlsafe_b64decode(v["server_id"] + "=").hex(), v["client_ephemeral_private"],
                    v["psk"] if v["client_holds_psk"] else hashlib.sha256(b"sendspin-sentinel-psk-v1").hexdigest(),
                    v["prologue"], v["message_1"])
    answer, h, payload, receive, send = message[:5]
    same(v["name"] + ": message 2", answer, v["message_2"])
    same(v["name"] + ": hash", h, v["handshake_hash"])
    same(v["name"] + ": payload", json.loads(bytes.fromhex(payload)), json.loads(v["message_1_payload"]))
    counts = {"server": 0, "client": 0}
    for t in v.get("transport", []):
        for i, sealed in enumerate(t.get("websocket_messages", t.get("websocket_messages_sha256", []))):
            n = counts[t["from"]]
            counts[t["from"]] += 1
            if "websocket_messages" in t and len(t["websocket_messages"]) == 1:
                if t["from"] == "server":
                    same(v["name"] + ": opened", d.ask("open", receive, n, sealed)[0], t["plaintext"])
                    broken = sealed[:-1] + format(int(sealed[-1], 16) ^ 1, "x")
                    same(v["name"] + ": broken", d.ask("open", receive, n, broken)[0], "refused")
                else:
                    same(v["name"] + ": sealed", d.ask("seal", send, n, t["plaintext"])[0], sealed)


def pairing(d, v):
    begin = v["server_random"], v["client_random"]
    d.ask("pair", METHODS.index(v["method"]), int(v.get("format") == "qr_code"), v.get("static_code", "-"), v["handshake_hash"],
          v["pairing_index"], begin[1].split("0x")[1])
    for m in v["messages"]:
        if m["from"] == "client":
            got = json.loads(d.text("next"))
            same(f"{v['name']}: {m['message']['type']}", got, m["message"])
        else:
            same(f"{v['name']}: {m['message']['type']} is taken", d.text("in", json.dumps(m["message"])), "no error")
    same(v["name"] + ": nothing more", d.text("next"), "nothing")
    if "client_shows" in v:
        same(v["name"] + ": the code", d.text("shown"), v["client_shows"])
    if v.get("long_term_psk"):
        same(v["name"] + ": the key", d.ask("kept")[0], v["long_term_psk"])


def lv(*parts):
    return b"".join(bytes([len(p)]) + p for p in parts)


def draft(d, cpace):
    g = {k: bytes.fromhex(v) for k, v in cpace["G_25519"].items()}
    dsi = b"CPace255"
    pad = max(0, 127 - len(lv(g["PRS"])) - len(lv(dsi)))
    u = hashlib.sha512(lv(dsi, g["PRS"], bytes(pad), g["CI"], g["sid"])).digest()[:32]
    same("the draft's generator", d.ask("elligator2", u.hex())[0], g["g"].hex())
    same("the draft's Ya", d.ask("x25519", g["ya"].hex(), g["g"].hex())[0], g["Ya"].hex())
    same("the draft's K", d.ask("x25519", g["yb"].hex(), g["Ya"].hex())[0], g["K"].hex())
    for name, point in cpace.get("X25519_points", {}).items():
        if name.startswith("Invalid"):
            # Five of them are of low order only for who does not clear bit 255.
            got = d.ask("x25519", g["ya"].hex(), point.lower())[0]
            same(name, got in ("-", "00" * 32), int(point[-2], 16) < 8)


def run(path, vectors, cpace, suite):
    d = Device(path, suite)
    for v in json.load(open(vectors + "/handshake.json")):
        if v["suite"].lower() == f"25519_{suite}_sha256":
            handshake(d, v)
    p = json.load(open(vectors + "/pairing.json"))
    same("token", d.text("token", "0", p["token"]["client_key"] + p["token"]["pairing_psk"]), p["token"]["text"])
    for v in p["attempts"]:
        if v["suite"].lower() == f"25519_{suite}_sha256":
            pairing(d, v)
    draft(d, cpace)
    d.program.stdin.close()
    return d.program.wait()


def main():
    cpace = json.load(open(sys.argv[3]))
    for suite in ("chachapoly", "aesgcm"):
        before = checks
        if run(sys.argv[1], sys.argv[2], cpace, suite) != 0 or checks - before < 40:
            sys.exit(f"{suite}: the program failed, or there were only {checks - before} values")
        print(f"{suite}: {checks - before} values of the shared vectors and of the CPace draft agree")


main()
