import type { ServerMessage } from "../api/types";
import { ApiError, Unreachable } from "../api/http";

export type Link = "connecting" | "open" | "lost";

/** What a WebSocket must offer here; a test hands in its own. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
}

export interface Hooks {
  link(to: Link): void;
  /** A whole state (all is true) or what changed of it; null takes a key away. */
  state(set: Record<string, unknown>, all: boolean): void;
  /** The session ended: somebody must sign in. */
  signedOut(): void;
  /** A cheap command, to see whether the gateway still answers. */
  probe(): { cmd: string; args: Record<string, unknown> } | null;
  /** The connection could not be made: maybe for want of a sign-in. */
  failed(): void;
}

interface Waiting {
  text: string;
  until: number;
  resolve: (result: unknown) => void;
  reject: (err: Error) => void;
}

// A command that the connection swallowed is sent again with the same id, and
// the gateway does not carry it out twice. After this it would surprise.
const commandLife = 6000;
const closeSignedOut = 4001;
// A connection can be gone without a word: after so long a silence it is asked,
// and without an answer it is given up.
const silence = 12_000;
const patience = 4000;
const connectFor = 8000;
const firstRetry = 400;
const longestRetry = 10_000;

/**
 * The live connection: it subscribes, resumes after the last number that it
 * saw, comes back by itself, and carries commands with ids.
 */
export class LiveSocket {
  readonly #open: () => SocketLike;
  readonly #hooks: Hooks;
  readonly #session: string;
  #socket: SocketLike | undefined;
  #seq: number | undefined;
  #subscribed = false;
  #tries = 0;
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #waiting = new Map<string, Waiting>();
  #running = false;

  constructor(open: () => SocketLike, hooks: Hooks, session: string) {
    this.#open = open;
    this.#hooks = hooks;
    this.#session = session;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#hooks.link("connecting");
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drop();
    this.#seq = undefined;
    this.#fail(() => true);
  }

  /** The network is gone: no need to wait for a silence. */
  lose(): void {
    if (!this.#running || !this.#socket) return;
    this.#drop();
    this.#again();
  }

  /** Asks now whether the gateway still answers: a phone has woken up. */
  check(): void {
    if (this.#subscribed) this.#probe();
  }

  /** Tries at once: the network or the tab has just come back. */
  hurry(): void {
    if (!this.#running || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#connect();
  }

  /** Sends a command; its promise settles with the gateway's reply. */
  command(cmd: string, args: Record<string, unknown>): Promise<unknown> {
    const id = `c${this.#next++}`;
    return new Promise((resolve, reject) => {
      if (!this.#subscribed) {
        reject(new Unreachable("not connected"));
        return;
      }
      const text = JSON.stringify({ id, cmd, ...args });
      this.#waiting.set(id, { text, until: Date.now() + commandLife, resolve, reject });
      this.#socket?.send(text);
      setTimeout(() => this.#fail((w, key) => key === id && w.until <= Date.now()), commandLife + 50);
    });
  }

  #connect(): void {
    let socket: SocketLike;
    try {
      socket = this.#open();
    } catch {
      this.#again();
      return;
    }
    this.#socket = socket;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.lose(), connectFor);
    socket.onopen = () => {
      const since = this.#seq === undefined ? {} : { since: this.#seq };
      socket.send(JSON.stringify({ id: `s${this.#next++}`, cmd: "subscribe", session: this.#session, ...since }));
    };
    socket.onmessage = (e) => {
      if (typeof e.data === "string") this.#take(JSON.parse(e.data) as ServerMessage);
    };
    socket.onclose = (e) => {
      if (this.#socket !== socket) return;
      const wasLive = this.#subscribed;
      this.#drop();
      if (!this.#running) return;
      if (e.code === closeSignedOut) {
        this.#hooks.signedOut();
        return;
      }
      if (!wasLive) this.#hooks.failed();
      this.#again();
    };
  }

  #take(m: ServerMessage): void {
    this.#listenFor(silence);
    switch (m.type) {
      case "snapshot":
        this.#seq = m.seq;
        this.#hooks.state(m.state, true);
        this.#live();
        break;
      case "delta":
        if (this.#seq !== undefined && m.seq <= this.#seq) break;
        this.#seq = m.seq;
        this.#hooks.state(m.set, false);
        this.#live();
        break;
      case "reply":
        this.#reply(m);
        break;
    }
  }

  #reply(m: ServerMessage & { type: "reply" }): void {
    if (m.id.startsWith("s")) {
      // Without since a snapshot follows, and only then there is a state.
      if (m.ok && this.#seq !== undefined) this.#live();
      else if (!m.ok) this.#refused();
      return;
    }
    const w = this.#waiting.get(m.id);
    if (!w) return;
    this.#waiting.delete(m.id);
    if (m.ok) w.resolve(m.result);
    else w.reject(new ApiError(m.problem));
  }

  // The gateway could not resume: what we hold is of another life of it.
  #refused(): void {
    this.#seq = undefined;
    this.#socket?.close();
  }

  #listenFor(ms: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#probe(), ms);
  }

  #probe(): void {
    const probe = this.#subscribed ? this.#hooks.probe() : null;
    if (!probe) {
      this.#listenFor(silence);
      return;
    }
    this.#socket?.send(JSON.stringify({ id: `p${this.#next++}`, cmd: probe.cmd, ...probe.args }));
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.lose(), patience);
  }

  #live(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#tries = 0;
    this.#hooks.link("open");
    for (const w of this.#waiting.values()) this.#socket?.send(w.text);
  }

  #drop(): void {
    const s = this.#socket;
    clearTimeout(this.#watch);
    this.#socket = undefined;
    this.#subscribed = false;
    if (s) {
      s.onclose = null;
      s.onmessage = null;
      s.close();
    }
  }

  #again(): void {
    this.#hooks.link("lost");
    const wait = Math.min(longestRetry, firstRetry * 2 ** this.#tries) * (0.75 + Math.random() / 2);
    this.#tries++;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, wait);
  }

  #fail(which: (w: Waiting, id: string) => boolean): void {
    for (const [id, w] of this.#waiting) {
      if (!which(w, id)) continue;
      this.#waiting.delete(id);
      w.reject(new Unreachable("no answer"));
    }
  }
}
