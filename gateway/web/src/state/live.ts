import { batch, computed, signal } from "@preact/signals";
import { api } from "../api/client";
import { signedOut } from "../api/http";
import type { Device, Listener, Scan, Server, Zone } from "../api/types";
import { clock } from "./clock";
import { namedDevice, namedZone } from "./names";
import { chosenZone, lang } from "./prefs";
import { LiveSocket, type Link, type SocketLike } from "./socket";

// What the gateway keeps current over the WebSocket. Only this file writes
// these signals from the wire; edit* below lays a person's change over them
// until the gateway has answered.

export const link = signal<Link>("connecting");
export const server = signal<Server | null>(null);
export const scan = signal<Scan | null>(null);
/** Counts changes of the playlists, so that lists know when to ask again. */
export const playlistsRevision = signal(0);
export const zones = signal<ReadonlyMap<string, Zone>>(new Map());
export const devices = signal<ReadonlyMap<string, Device>>(new Map());
/** Who lives here, in the order of moving in. */
export const listeners = signal<readonly Listener[]>([]);

export const connected = computed(() => link.value === "open");
export const zoneList = computed(() => [...zones.value.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)));
export const deviceList = computed(() =>
  [...devices.value.values()].sort((a, b) => Number(b.present) - Number(a.present) || a.name.localeCompare(b.name)),
);
/** The zone that this browser controls: the chosen one, or the first. */
export const zone = computed<Zone | null>(() => zones.value.get(chosenZone.value) ?? zoneList.value[0] ?? null);

export function members(z: Zone): Device[] {
  return deviceList.value.filter((d) => d.zone === z.id);
}

/** Lays a change over a zone until the gateway's own word; returns its undo. */
export function editZone(id: string, change: Partial<Zone>): () => void {
  const before = zones.value.get(id);
  if (!before) return () => undefined;
  const after = { ...before, ...change };
  zones.value = new Map(zones.value).set(id, after);
  return () => {
    if (zones.value.get(id) === after) zones.value = new Map(zones.value).set(id, before);
  };
}

/** The same for a device. */
export function editDevice(id: string, change: Partial<Device>): () => void {
  const before = devices.value.get(id);
  if (!before) return () => undefined;
  const after = { ...before, ...change };
  devices.value = new Map(devices.value).set(id, after);
  return () => {
    if (devices.value.get(id) === after) devices.value = new Map(devices.value).set(id, before);
  };
}

/** Applies a snapshot (all) or a delta. */
export function applyState(set: Record<string, unknown>, all: boolean): void {
  batch(() => {
    const z = new Map(all ? [] : zones.value);
    const d = new Map(all ? [] : devices.value);
    for (const [key, value] of Object.entries(set)) {
      const [kind, id] = split(key);
      if (kind === "zones") put(z, id, value && namedZone(value as Zone));
      else if (kind === "devices") put(d, id, value && namedDevice(value as Device));
      else if (kind === "server") server.value = value as Server;
      else if (kind === "scan") scan.value = value as Scan | null;
      else if (kind === "listeners") listeners.value = (value as Listener[] | null) ?? [];
      else if (kind === "playlists") playlistsRevision.value = (value as { revision: number } | null)?.revision ?? 0;
      if (!all && kind === "zones" && value && (value as Zone).state === "playing") clock.stamp((value as Zone).at, Date.now());
    }
    zones.value = z;
    devices.value = d;
  });
}

function split(key: string): [string, string] {
  const slash = key.indexOf("/");
  return slash < 0 ? [key, ""] : [key.slice(0, slash), key.slice(slash + 1)];
}

function put<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}

const socket = new LiveSocket(
  () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/ws`) as unknown as SocketLike,
  {
    link(to) {
      link.value = to;
      if (to === "lost") clock.reset();
    },
    state: applyState,
    probe: () => (zone.peek() ? { cmd: "queue.get", args: { zone: zone.peek()?.id, offset: 0, limit: 1 } } : null),
    signedOut: () => signedOut(),
    failed: () => void api.devices().catch(() => undefined), // a 401 here ends the session
  },
  newSession(),
);

// crypto.randomUUID is missing on plain http: this is only a name for the
// connection's memory of commands, nothing secret.
function newSession(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export function goLive(): void {
  socket.start();
}

export function goQuiet(): void {
  socket.stop();
  batch(() => {
    zones.value = new Map();
    devices.value = new Map();
    scan.value = null;
  });
}

// Who chooses another language has the names in it, too.
lang.subscribe(() => {
  batch(() => {
    zones.value = new Map([...zones.peek()].map(([id, z]) => [id, namedZone(z)]));
    devices.value = new Map([...devices.peek()].map(([id, d]) => [id, namedDevice(d)]));
  });
});

export function command(cmd: string, args: Record<string, unknown> = {}): Promise<unknown> {
  return socket.command(cmd, args);
}

window.addEventListener("offline", () => socket.lose());
window.addEventListener("online", () => socket.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  socket.hurry();
  socket.check();
});
