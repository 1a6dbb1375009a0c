import { effect, signal } from "@preact/signals";
import type { Listening, Zone } from "../api/types";
import { t } from "../i18n";
import { CannotPlay, type Driver } from "../listen/driver";
import { hlsDriver } from "../listen/hls";
import { canBePushed, PushPlayer } from "../listen/push";
import { tabName } from "../listen/tabName";
import { Whep } from "../listen/whep";
import { command, connected, devices, server, zones } from "./live";
import { listenMode } from "./prefs";
import { say, sayError } from "./toasts";

// This tab as a speaker: a member of one zone after a tap, played at that
// zone's word.

export interface Listen {
  zone: string;
  mode: "hls" | "whep";
  /** This tab among the devices; empty until the gateway has named it. */
  device: string;
  state: "starting" | "on" | "blocked";
}

export const listening = signal<Listen | null>(null);

let audio: HTMLAudioElement | undefined;
let driver: Driver | undefined;
let round = 0;
const broken = signal(-1); // the round whose connection was lost
const restPush = 600_000; // ms for which playlists do what WebTransport could not
let pushFrom = 0; // when WebTransport may be tried again

/** Called in the tap itself: only then a browser lets sound begin. */
export function listenHere(zone: string): Promise<void> {
  audio ??= element();
  void audio.play().catch(() => undefined);
  return join(zone, preferred());
}

export async function stopListening(): Promise<void> {
  const was = listening.value;
  leave();
  if (was) await command("unlisten").catch(() => undefined); // gone by itself within seconds
}

function element(): HTMLAudioElement {
  const a = document.createElement("audio");
  a.autoplay = true;
  a.hidden = true;
  document.body.append(a);
  return a;
}

/** A browser that wanted one more tap has got it. */
export function unblock(): void {
  void sound();
}

function preferred(): Listen["mode"] {
  const webrtc = "RTCPeerConnection" in window && server.value?.features.opus === true;
  if (listenMode.value === "hls") return "hls";
  return webrtc ? "whep" : "hls";
}

function leave(): void {
  round++;
  driver?.stop();
  driver = undefined;
  if (audio) {
    audio.pause();
    audio.srcObject = null;
    audio.muted = false;
  }
  listening.value = null;
}

async function join(zone: string, mode: Listen["mode"]): Promise<void> {
  const mine = ++round;
  driver?.stop();
  if (!audio) return;
  listening.value = { zone, mode, device: listening.value?.device ?? "", state: "starting" };
  try {
    const where = (await command("listen", { zone, mode, name: tabName() })) as Listening;
    if (mine !== round) return;
    listening.value = { zone, mode, device: where.device, state: "starting" };
    if (!(mode === "hls" && (await pushed(where, mine)))) {
      if (mine !== round) return;
      const d = (driver = mode === "whep" ? new Whep(() => (broken.value = mine)) : hlsDriver(audio));
      await d.start(where.url, audio);
    }
    if (mine !== round) return;
    listening.value = { zone, mode, device: where.device, state: "on" };
    await sound();
  } catch (err) {
    if (mine !== round) return;
    if (mode === "whep") {
      await join(zone, "hls");
      return;
    }
    leave();
    void command("unlisten").catch(() => undefined);
    if (err instanceof CannotPlay) say(t("listen.failed"), "error");
    else sayError(err);
  }
}

/** Plays what is pushed, where this page can be pushed to; false where not. */
async function pushed(where: Listening, mine: number): Promise<boolean> {
  if (!audio || performance.now() < pushFrom || !canBePushed(where)) return false;
  const failed = () => (pushFrom = performance.now() + restPush);
  const player = new PushPlayer(where.pushHash, () => {
    failed();
    broken.value = mine;
  });
  driver = player;
  try {
    await player.start(where.push ?? "", audio);
    return true;
  } catch {
    player.stop();
    failed();
    return false;
  }
}

/** Plays or rests as the zone does. */
async function sound(): Promise<void> {
  const l = listening.value;
  if (!l || !audio || l.state === "starting") return;
  if (zones.value.get(l.zone)?.state !== "playing") {
    audio.pause();
    return;
  }
  try {
    await audio.play();
    if (listening.value?.state === "blocked") listening.value = { ...l, state: "on" };
  } catch (err) {
    if (err instanceof DOMException && err.name === "NotAllowedError") listening.value = { ...l, state: "blocked" };
  }
}

/** Keeps the tab at its zone's word for as long as the page lives. */
export function keepListening(): void {
  let heard: Pick<Zone, "id" | "epoch" | "state"> | undefined;
  effect(() => {
    const l = listening.value;
    const z = l ? zones.value.get(l.zone) : undefined;
    if (!z || l?.state !== "on") return;
    const jumped = heard?.id === z.id && heard.epoch !== z.epoch;
    const turned = heard?.id !== z.id || heard.state !== z.state;
    heard = { id: z.id, epoch: z.epoch, state: z.state };
    if (jumped) driver?.resync();
    if (turned) void sound();
  });
  effect(() => {
    const l = listening.value;
    const device = l?.device ? devices.value.get(l.device) : undefined;
    if (!l || !device || !audio) return;
    if (device.volume !== null) audio.volume = device.muted ? 0 : device.volume / 100;
    // Somebody moved this tab to another zone, or let it go.
    if (l.state !== "starting" && device.zone !== l.zone) {
      if (device.zone) void join(device.zone, l.mode);
      else leave();
    }
  });
  // After a while without a connection the gateway lets a tab go, and after its
  // own restart it knows none: the tab joins again once it hears of that. It
  // does so too when what it played by broke.
  let known = ""; // the tab, as it was among the devices
  effect(() => {
    const l = listening.value;
    if (!l || !connected.value) return;
    const there = devices.value.has(l.device);
    const gone = !there && l.device !== "" && known === l.device;
    if (there) known = l.device;
    if (l.state === "starting" || !(gone || broken.value === round)) return;
    known = "";
    void join(l.zone, l.mode);
  });
  window.addEventListener("pagehide", () => driver?.stop());
  window.addEventListener("pageshow", (e) => {
    if (e.persisted && listening.peek()) leave();
  });
}
