import { signal } from "@preact/signals";
import { api } from "../api/client";
import type { Context, Device, QueueAdd, Rating, Repeat, Track, Zone } from "../api/types";
import { tagName, t } from "../i18n";
import { clock, position } from "./clock";
import { command, editDevice, editZone, zone } from "./live";
import { attempt, say } from "./toasts";

// What a person does to the zone: each shows at once and is taken back, with
// a sentence, when the gateway says no.

/** Where the zone's music is at this moment, in ms. */
export function heard(z: Zone): number {
  return position(z, z.track?.durationMs ?? 0, clock.gateway(Date.now()));
}

function now(): number {
  return clock.gateway(Date.now());
}

async function transport(verb: string, change: (z: Zone) => Partial<Zone>, args: Record<string, unknown> = {}): Promise<unknown> {
  const z = zone.value;
  if (!z) return undefined;
  const undo = editZone(z.id, change(z));
  return attempt(() => command(`zone.${verb}`, { zone: z.id, ...args }), undo);
}

export function play(): Promise<unknown> {
  return transport("play", (z) => ({ state: "playing", offsetMs: heard(z), at: now() }));
}

export function pause(): Promise<unknown> {
  return transport("pause", (z) => ({ state: "paused", offsetMs: heard(z), at: now() }));
}

export function toggle(): Promise<unknown> {
  return zone.value?.state === "playing" ? pause() : play();
}

export function next(): Promise<unknown> {
  return transport("next", () => ({}));
}

export function previous(): Promise<unknown> {
  return transport("previous", () => ({}));
}

export function seek(offsetMs: number): Promise<unknown> {
  return transport("seek", () => ({ offsetMs, at: now() }), { offsetMs: Math.round(offsetMs) });
}

export function playEntry(entry: string): Promise<unknown> {
  return transport("play", () => ({ state: "playing" }), { entry });
}

export function setShuffle(shuffle: boolean): Promise<unknown> {
  return zoneOption({ shuffle, ...(shuffle ? { mix: false } : {}) });
}

/** The picks to come by what one likes; shuffle is another order. */
export function setMix(mix: boolean): Promise<unknown> {
  return zoneOption({ mix, ...(mix ? { shuffle: false } : {}) });
}

export function setRepeat(repeat: Repeat): Promise<unknown> {
  return zoneOption({ repeat });
}

async function zoneOption(change: { shuffle?: boolean; mix?: boolean; repeat?: Repeat }): Promise<unknown> {
  const z = zone.value;
  if (!z) return undefined;
  return attempt(() => api.changeZone(z.id, change), editZone(z.id, change));
}

// --- JUMP ---

export interface Landing {
  /** Counts jumps, so that the motion starts anew. */
  n: number;
  state: "leaving" | "landed";
  context: Context | null;
}

/** The jump in progress or the one just made; null when it is over. */
export const landing = signal<Landing | null>(null);
let jumps = 0;
let landed: ReturnType<typeof setTimeout> | undefined;

export async function jump(): Promise<void> {
  const z = zone.value;
  if (!z || landing.value?.state === "leaving") return;
  const n = ++jumps;
  clearTimeout(landed);
  landing.value = { n, state: "leaving", context: null };
  const result = await attempt(() => command("zone.jump", { zone: z.id }), () => (landing.value = null));
  const now = landing.peek();
  if (now?.n !== n || now.state !== "leaving") return;
  landing.value = { n, state: "landed", context: contextOf(result) };
  landed = setTimeout(() => {
    if (landing.value?.n === n) landing.value = null;
  }, 4000);
}

// The reply is the zone as it is after the jump.
function contextOf(result: unknown): Context | null {
  return (result as Zone | undefined)?.context ?? null;
}

/** A context's name; the whole taste has none of its own. */
export function contextName(c: Context | null): string {
  if (!c || c.kind === "taste" || c.name === "") return t("context.taste");
  if (c.kind === "sound") return soundName(c);
  return c.kind === "genre" || c.kind === "mood" || c.kind === "tag" || c.kind === "sound" ? tagName(c.name) : c.name;
}

/** "Slow, dark, quiet", word by word: that is how a JUMP calls what sounds alike. */
function soundName(c: Context): string {
  const words = c.id.split("-").filter((w) => !/^\d+$/.test(w));
  const said = words.map(tagName);
  return said.some((w, i) => w !== words[i]) ? said.join(", ") : c.name;
}

// --- adding music ---

/**
 * Adds to the zone's queue. With clear, what people picked before goes: it is
 * for "play this album", not for a single track.
 */
export async function add(what: Omit<QueueAdd, "at">, at: QueueAdd["at"], title: string): Promise<void> {
  const z = zone.value;
  if (!z) return;
  await attempt(async () => {
    await api.addToQueue(z.id, { ...what, at });
    if (at !== "now") say(t(at === "next" ? "added.next" : "added.end", { title }));
  });
}

// --- ratings: the lists hold tracks by value, so a change is laid over them ---

const ratings = signal<ReadonlyMap<string, Rating>>(new Map());

/** What the person at this browser thinks of a track; with a zone, its listeners. */
export function rating(track: Track, zone = ""): Rating {
  return ratings.value.get(`${zone}/${track.id}`) ?? track.rating;
}

export async function rate(track: Track, value: Rating, zone = ""): Promise<void> {
  const before = rating(track, zone);
  const set = (r: Rating) => (ratings.value = new Map(ratings.value).set(`${zone}/${track.id}`, r));
  set(value);
  await attempt(() => api.rate(track.id, value, zone), () => set(before));
}

// --- volume ---

const sending = new Map<string, { next: number | null }>();

/**
 * Volume follows the finger: shown at once, sent one at a time, the newest
 * wins.
 */
export function setVolume(device: Device, volume: number): void {
  const v = Math.max(0, Math.min(Math.round(volume), device.ceiling));
  editDevice(device.id, { volume: v, muted: false });
  const s = sending.get(device.id);
  if (s) {
    s.next = v;
    return;
  }
  const mine = { next: null as number | null };
  sending.set(device.id, mine);
  void sendVolume(device, v, mine).finally(() => sending.delete(device.id));
}

async function sendVolume(device: Device, volume: number, s: { next: number | null }): Promise<void> {
  for (let v: number | null = volume; v !== null; ) {
    const sent: number = v;
    s.next = null;
    const ok = await attempt(
      async () => (await api.changeDevice(device.id, { volume: sent }), true),
      () => editDevice(device.id, { volume: device.volume }),
    );
    v = ok ? s.next : null;
  }
}

/** Moves all of a zone's devices by the same amount. */
export function nudgeVolume(list: Device[], by: number): void {
  for (const d of list) if (d.volume !== null) setVolume(d, d.volume + by);
}

export function setMuted(device: Device, muted: boolean): Promise<unknown> {
  return attempt(() => api.changeDevice(device.id, { muted }), editDevice(device.id, { muted }));
}
