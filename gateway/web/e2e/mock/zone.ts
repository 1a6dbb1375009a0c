import type { Context, QueueAdd, QueueItem, QueuePage, Repeat, Track, Zone } from "../../src/api/types";
import { Refused } from "./refused";

let entries = 0;

const alike = (genre: string) => ({ why: `${genre}, like the music around it.`, whyPhrase: { code: "why.tags", args: [genre] } });
const together = (title: string) => ({ why: `Often heard together with “${title}”.`, whyPhrase: { code: "why.session", args: [title] } });

/** A zone's queue and transport, in memory and without sound. */
export class MockZone {
  readonly id: string;
  name: string;
  items: QueueItem[] = [];
  index = -1;
  context: Context = { kind: "taste", id: "", name: "" };
  repeat: Repeat = "off";
  shuffle = false;
  mix = false;
  click = false;
  crossfadeMs = 0;
  listeners: string[] = ["l1"];
  learning = true;
  members: () => string[] = () => [];
  #state: Zone["state"] = "stopped";
  #offset = 0;
  #at = Date.now();
  #epoch = 1;
  #revision = 1;
  #asPicked: string[] = [];
  readonly #library: Track[];

  constructor(id: string, name: string, library: Track[]) {
    this.id = id;
    this.name = name;
    this.#library = library.filter((t) => !t.waiting);
  }

  json(): Zone {
    const item = this.items[this.index];
    return {
      id: this.id, name: this.name, state: this.#state,
      entry: item ? { id: item.id, by: item.by, why: item.why, ...(item.whyPhrase ? { whyPhrase: item.whyPhrase } : {}) } : null,
      track: item?.track ?? null,
      offsetMs: this.#offset, at: this.#at, epoch: this.#epoch, repeat: this.repeat, shuffle: this.shuffle, mix: this.mix, click: this.click, crossfadeMs: this.crossfadeMs,
      context: this.context, landing: this.#landing(), listeners: this.listeners, learning: this.learning, leader: "", members: this.members(), revision: this.#revision,
      length: this.items.length, index: this.index, problem: "",
    };
  }

  queue(offset: number, limit: number): QueuePage {
    return { revision: this.#revision, index: this.index, length: this.items.length, offset, items: this.items.slice(offset, offset + limit) };
  }

  play(entry?: string): void {
    if (entry) this.#start(this.#find(entry));
    else if (this.index < 0) {
      this.#flow();
      this.#start(0);
    } else this.#turn("playing");
  }

  pause(): void {
    this.#turn("paused");
  }

  stop(): void {
    this.#turn("stopped");
  }

  skip(by: number): void {
    this.#start(Math.max(0, Math.min(this.items.length - 1, this.index + by)));
  }

  seek(offset: number): void {
    this.#offset = offset;
    this.#at = Date.now();
    this.#epoch++;
  }

  #where(): Track | undefined {
    const away = this.#library.filter((t) => t.genre !== this.items[this.index]?.track.genre);
    return away[(this.#revision * 7) % away.length];
  }

  #landing(): Context | null {
    const to = this.#where();
    return to ? { kind: "album", id: to.albumId, name: to.album } : null;
  }

  jump(): void {
    const to = this.#where();
    if (!to) throw new Refused(409, "nothing-to-play", "There is no music to jump to.");
    this.context = { kind: "album", id: to.albumId, name: to.album };
    this.items = this.items.filter((x, i) => i <= this.index || x.by === "picked");
    const first = this.items.length;
    this.#flow(to.genre);
    this.#start(first);
  }

  add(tracks: Track[], at: QueueAdd["at"], clear: boolean): string[] {
    const made = tracks.map((track): QueueItem => ({ id: `e${++entries}`, by: "picked", why: "", track }));
    if (clear) this.items = this.items.filter((x, i) => i <= this.index || x.by === "flow");
    const lastPick = this.items.reduce((last, x, i) => (x.by === "picked" && i > this.index ? i : last), this.index);
    const place = at === "end" ? lastPick + 1 : this.index + 1;
    this.items.splice(place, 0, ...made);
    this.#revision++;
    if (at === "now" || this.index < 0) this.#start(place);
    return made.map((x) => x.id);
  }

  /** Liked most is what comes first in the alphabet. */
  setMix(mix: boolean): void {
    const ahead = (x: QueueItem, i: number) => i > this.index && x.by === "picked";
    const picks = this.items.filter(ahead);
    if (mix) this.#asPicked = picks.map((x) => x.id);
    picks.sort((a, b) => (mix ? a.track.title.localeCompare(b.track.title) : this.#asPicked.indexOf(a.id) - this.#asPicked.indexOf(b.id)));
    this.items = this.items.map((x, i) => (ahead(x, i) ? picks.shift() ?? x : x));
    this.mix = mix;
    this.#revision++;
  }

  move(ids: string[], before: string): void {
    const current = this.items[this.index];
    const moved = ids.map((id) => this.items[this.#find(id)]).filter((x) => x !== undefined);
    const rest = this.items.filter((x) => !ids.includes(x.id));
    const place = before ? rest.findIndex((x) => x.id === before) : rest.length;
    if (place < 0) throw new Refused(404, "no-entry", "That entry is no longer in the queue.");
    rest.splice(place, 0, ...moved.map((x): QueueItem => ({ ...x, by: "picked", why: "" })));
    this.items = rest;
    this.#settle(current);
  }

  remove(id: string): void {
    const current = this.items[this.index];
    this.items.splice(this.#find(id), 1);
    this.#settle(current);
  }

  clear(): void {
    const current = this.items[this.index];
    this.items = current ? [current] : [];
    this.#flow();
    this.#settle(current);
  }

  /** Moves on when a track is over; true when something changed. */
  tick(): boolean {
    const item = this.items[this.index];
    if (this.#state !== "playing" || !item || this.#offset + Date.now() - this.#at < item.track.durationMs) return false;
    this.skip(1);
    return true;
  }

  #settle(current: QueueItem | undefined): void {
    this.index = current ? this.items.findIndex((x) => x.id === current.id) : this.items.length ? 0 : -1;
    this.#revision++;
  }

  #find(entry: string): number {
    const i = this.items.findIndex((x) => x.id === entry);
    if (i < 0) throw new Refused(404, "no-entry", "That entry is no longer in the queue.");
    return i;
  }

  #start(index: number): void {
    this.index = index;
    this.#offset = 0;
    this.#at = Date.now();
    this.#state = "playing";
    this.#epoch++;
    if (this.items.length - index < 12) this.#flow();
  }

  #turn(to: Zone["state"]): void {
    const now = Date.now();
    if (this.#state === "playing") this.#offset += now - this.#at;
    this.#at = now;
    this.#state = to;
    this.#epoch++;
  }

  #flow(genre?: string): void {
    const start = (this.#epoch * 11 + this.items.length * 5) % this.#library.length;
    const near = genre ? this.#library.filter((t) => t.genre === genre) : [];
    const far = [...this.#library.slice(start), ...this.#library.slice(0, start)];
    const like = this.items[this.index]?.track.artist ?? "what you hear in the evening";
    for (const track of [...near, ...far].slice(0, 24)) {
      this.items.push({ id: `e${++entries}`, by: "flow", ...(genre && track.genre === genre ? alike(genre) : together(like)), track });
    }
    this.#revision++;
  }
}
