import type { Device, Listener, QueueAdd, Rating, Scan, Server, Taste, Track } from "../../src/api/types";
import { household, music, playlists } from "./data";
import { Refused } from "./refused";
import { MockZone } from "./zone";

/** All that the mock knows, and what commands do to it. */
export class House {
  readonly code = "GATE-2026";
  readonly music = music();
  readonly playlists = playlists.map((p) => ({ ...p }));
  readonly devices = new Map<string, Device>(household().map((d) => [d.id, d]));
  readonly zones = new Map<string, MockZone>();
  server: Server = { version: "0.1.0-mock", name: "Jumpgate", claimed: false, https: true, features: { opus: false, ffmpeg: false, page: true } };
  scan: Scan = { running: true, done: 31, total: 66, rate: 212, etaSeconds: 3, started: "2026-11-20T10:00:00Z", finished: null, problems: 2, waiting: 1, unmeasured: 35 };
  account = { name: "", password: "" };
  listeners: Listener[] = [
    { id: "l1", name: "Mina", account: "mina", child: false, learning: true },
    { id: "l2", name: "Jun", account: "", child: true, learning: true },
  ];
  readonly tastes = new Map<string, Taste>();
  playlistsRevision = 1;
  changed: (key: string) => void = () => undefined;

  constructor() {
    this.addZone("Downstairs");
    this.addZone("Study");
    const timer = setInterval(() => {
      for (const z of this.zones.values()) if (z.tick()) this.changed(`zones/${z.id}`);
      if (!this.scan.running) return;
      const done = Math.min(this.scan.total, this.scan.done + 6);
      this.scan = { ...this.scan, done, running: done < this.scan.total, finished: done < this.scan.total ? null : new Date().toISOString() };
      this.changed("scan");
    }, 1000);
    timer.unref();
  }

  addZone(name: string): MockZone {
    const id = `z${this.zones.size + 1}`;
    const zone = new MockZone(id, name, this.music.tracks);
    zone.members = () => [...this.devices.values()].filter((d) => d.zone === id).map((d) => d.id);
    this.zones.set(id, zone);
    this.changed(`zones/${id}`);
    return zone;
  }

  zone(id: string): MockZone {
    const z = this.zones.get(id);
    if (!z) throw new Refused(404, "not-found", "There is no such zone.");
    return z;
  }

  /** The value that a key of the WebSocket stands for; null when it is gone. */
  value(key: string): unknown {
    const [kind, id = ""] = key.split("/");
    if (kind === "zones") return this.zones.get(id)?.json() ?? null;
    if (kind === "devices") return this.devices.get(id) ?? null;
    if (kind === "scan") return this.scan;
    if (kind === "listeners") return this.listeners;
    if (kind === "playlists") return { revision: this.playlistsRevision };
    return this.server;
  }

  keys(): string[] {
    return ["server", "scan", "playlists", "listeners", ...[...this.zones.keys()].map((id) => `zones/${id}`), ...[...this.devices.keys()].map((id) => `devices/${id}`)];
  }

  transport(verb: string, zone: string, args: { entry?: string; offsetMs?: number }): unknown {
    const z = this.zone(zone);
    if (verb === "play") z.play(args.entry);
    else if (verb === "pause") z.pause();
    else if (verb === "stop") z.stop();
    else if (verb === "next") z.skip(1);
    else if (verb === "previous") z.skip(-1);
    else if (verb === "seek") z.seek(args.offsetMs ?? 0);
    else if (verb === "jump") z.jump();
    else throw new Refused(404, "not-found", `There is no command ${verb}.`);
    this.changed(`zones/${zone}`);
    return z.json();
  }

  add(zone: string, a: QueueAdd): unknown {
    const z = this.zone(zone);
    const all = this.music.tracks;
    const list = this.playlists.find((p) => p.id === a.playlist);
    const tracks = a.tracks
      ? a.tracks.map((id) => this.track(id))
      : list
        ? list.ids.map((id) => this.track(id))
        : all.filter((t) => !t.waiting && (t.albumId === a.album || t.artistId === a.artist));
    const made = z.add(tracks, a.at, a.clear ?? false);
    this.changed(`zones/${zone}`);
    return { entries: made, revision: z.json().revision };
  }

  track(id: string): Track {
    const track = this.music.tracks.find((t) => t.id === id);
    if (!track) throw new Refused(404, "not-found", "That track is not in the library.");
    return track;
  }

  rate(id: string, value: Rating): Track {
    const track = this.track(id);
    track.rating = value;
    for (const z of this.zones.values()) if (z.json().track?.id === id) this.changed(`zones/${z.id}`);
    return track;
  }

  /** What is known of a listener, made up once. */
  taste(id: string): Taste {
    const known = this.tastes.get(id);
    if (known) return known;
    const leanings = [
      ...this.music.artists.slice(0, 5).map((a, i) => ({ kind: "artist", id: a.id, name: a.name, liking: 0.62 - i * 0.09 })),
      { kind: "genre", id: "ambient", name: "Ambient", liking: 0.31 },
      { kind: "genre", id: "metal", name: "Metal", liking: -0.24 },
    ];
    const made: Taste = { plays: 312, since: "2026-05-03T10:00:00Z", likes: 12, dislikes: 3, settling: 9, leanings, wishes: [{ kind: "genre", id: "jazz", name: "Jazz", wish: "more" }] };
    this.tastes.set(id, made);
    return made;
  }

  device(id: string, change: Partial<Device>): Device {
    const before = this.devices.get(id);
    if (!before) throw new Refused(404, "not-found", "There is no such device.");
    const after = { ...before, ...change };
    after.volume = after.volume === null ? null : Math.min(after.volume, after.ceiling);
    this.devices.set(id, after);
    this.changed(`devices/${id}`);
    for (const z of [before.zone, after.zone]) if (z && before.zone !== after.zone) this.changed(`zones/${z}`);
    return after;
  }
}
