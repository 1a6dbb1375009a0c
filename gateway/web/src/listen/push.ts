import type { Listening } from "../api/types";
import { CannotPlay, justLanded, newEpochFor, type Driver } from "./driver";

const connectFor = 2500; // ms until a session is there
const silentFor = 4000; // ms without a part while there should be music
const noticeable = 0.15; // s off its place that is jumped over rather than made up for
const keep = 10; // s behind the present that stay in memory
const catchUp = 0.03; // how much faster or slower lost time is made up for

/** A part as hls.Pushed frames it: see docs/hls.md. */
interface Part {
  discontinuity: boolean;
  start: number; // s
  end: number;
  holdBack: number; // s behind the newest part at which it is meant to be heard
  data: Uint8Array<ArrayBuffer>;
}

export function canBePushed(where: Pick<Listening, "push">): boolean {
  return !!where.push && location.protocol === "https:" && "WebTransport" in window && "MediaSource" in window;
}

/** The zone's parts, each pushed on a stream of its own as soon as it is made. */
export class PushPlayer implements Driver {
  #session: WebTransport | undefined;
  #audio: HTMLAudioElement | undefined;
  #source = new MediaSource();
  #buffer: SourceBuffer | undefined;
  #rate = 0;
  #waiting: Uint8Array<ArrayBuffer>[] = []; // for the buffer to be ready
  #newest = 0; // s, the end of the newest part
  #holdBack = 0;
  #jumpTo: number | undefined; // where what follows a jump begins
  #placed = false;
  #landed = 0; // when it last went where a jump leads, or began
  #fallback: ReturnType<typeof setTimeout> | undefined;
  #quiet = 0; // ms
  #watch: ReturnType<typeof setInterval> | undefined;
  readonly #hash: string | undefined;
  readonly #lost: () => void;

  /** lost is called when a session that worked has ended by itself. */
  constructor(hash: string | undefined, lost: () => void) {
    this.#hash = hash;
    this.#lost = lost;
  }

  async start(url: string, audio: HTMLAudioElement): Promise<void> {
    this.#audio = audio;
    const hashes = this.#hash ? [{ algorithm: "sha-256", value: bytes(this.#hash) }] : undefined;
    const session = new WebTransport(new URL(url, location.href).href, hashes ? { serverCertificateHashes: hashes } : {});
    this.#session = session;
    let late: ReturnType<typeof setTimeout> | undefined;
    try {
      // Where UDP goes nowhere a browser tries for long.
      await Promise.race([session.ready, new Promise((_, reject) => (late = setTimeout(reject, connectFor)))]);
    } catch {
      throw new CannotPlay("no WebTransport session");
    } finally {
      clearTimeout(late);
    }
    if (this.#session !== session) throw new CannotPlay("stopped");
    audio.src = URL.createObjectURL(this.#source);
    await new Promise((resolve) => this.#source.addEventListener("sourceopen", resolve, { once: true }));
    void this.#receive(session);
    void session.closed.catch(() => undefined).finally(() => this.#end());
    this.#watch = setInterval(() => this.#look(), 500);
  }

  // What follows a jump begins at a discontinuity, which may have come, and be
  // heard, before the jump is announced. Until it is there, there is silence rather
  // than the old music.
  resync(): void {
    if (this.#jumpTo !== undefined) {
      this.#place(true);
      return;
    }
    if (!this.#audio || !this.#placed || performance.now() - this.#landed <= justLanded) return;
    this.#audio.muted = true;
    clearTimeout(this.#fallback);
    this.#fallback = setTimeout(() => this.#place(true), newEpochFor);
  }

  stop(): void {
    const session = this.#session;
    this.#session = undefined;
    clearInterval(this.#watch);
    clearTimeout(this.#fallback);
    try {
      session?.close();
    } catch {
      // it never came to be
    }
    if (this.#audio?.src.startsWith("blob:")) {
      URL.revokeObjectURL(this.#audio.src);
      this.#audio.removeAttribute("src");
    }
  }

  #end(): void {
    if (!this.#session) return; // it was stopped
    this.stop();
    this.#lost();
  }

  // A network that carries nothing any more ends a session only after a long time.
  // While a zone rests nothing comes, and the element rests too.
  #look(): void {
    this.#quiet = this.#audio?.paused === false ? this.#quiet + 500 : 0;
    if (this.#quiet > silentFor) this.#end();
  }

  async #receive(session: WebTransport): Promise<void> {
    const streams = session.incomingUnidirectionalStreams.getReader() as ReadableStreamDefaultReader<ReadableStream<Uint8Array>>;
    try {
      for (;;) {
        const { value, done } = await streams.read();
        if (done) return;
        // Each by itself: one that is late keeps none waiting.
        void whole(value).then((data) => this.#take(data), () => undefined);
      }
    } catch {
      // the session has ended: session.closed tells
    }
  }

  #take(data: Uint8Array<ArrayBuffer>): void {
    this.#quiet = 0;
    if (data[0] === 0) this.#open(data);
    else if (data[0] === 1 && this.#rate > 0) this.#append(parsePart(data, this.#rate));
  }

  #open(data: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const length = view.getUint16(5);
    const mime = new TextDecoder().decode(data.subarray(7, 7 + length));
    if (this.#buffer || !MediaSource.isTypeSupported(mime)) {
      this.#end();
      return;
    }
    this.#rate = view.getUint32(1);
    this.#buffer = this.#source.addSourceBuffer(mime);
    this.#buffer.addEventListener("updateend", () => this.#appended());
    this.#queue(data.subarray(7 + length));
  }

  #append(part: Part): void {
    this.#holdBack = part.holdBack;
    this.#newest = Math.max(this.#newest, part.end);
    if (part.discontinuity) this.#jumpTo = part.start + 0.01;
    this.#queue(part.data);
  }

  #queue(data: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(data);
    this.#pump();
  }

  #pump(): void {
    const buffer = this.#buffer;
    const audio = this.#audio;
    if (!buffer || !audio || buffer.updating || this.#source.readyState !== "open") return;
    const next = this.#waiting.shift();
    const old = audio.currentTime - keep;
    try {
      if (next) buffer.appendBuffer(next);
      else if (buffer.buffered.length > 0 && buffer.buffered.start(0) < old - keep) buffer.remove(0, old);
    } catch {
      this.#end(); // the buffer is full, or takes nothing any more
    }
  }

  #appended(): void {
    this.#place(false);
    this.#pump();
  }

  // Keeps the place behind the newest part.
  #place(jumped: boolean): void {
    const audio = this.#audio;
    const buffered = this.#buffer?.buffered;
    if (!audio || !buffered || buffered.length === 0) return;
    const first = buffered.start(buffered.length - 1);
    let target = Math.max(this.#newest - this.#holdBack, first);
    if (this.#jumpTo !== undefined && buffered.end(buffered.length - 1) > this.#jumpTo) {
      target = Math.max(target, this.#jumpTo);
      this.#jumpTo = undefined;
      jumped = true;
    }
    const behind = target - audio.currentTime;
    if (jumped || !this.#placed) {
      clearTimeout(this.#fallback);
      this.#landed = performance.now();
      audio.muted = false;
    }
    if (jumped || !this.#placed || Math.abs(behind) > noticeable) {
      audio.currentTime = target;
      audio.playbackRate = 1;
      this.#placed = true;
    } else audio.playbackRate = Math.abs(behind) < 0.02 ? 1 : 1 + Math.sign(behind) * catchUp;
  }
}

export function parsePart(data: Uint8Array<ArrayBuffer>, rate: number): Part {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const start = Number(view.getBigUint64(12)) / rate;
  return {
    discontinuity: (view.getUint8(1) & 1) === 1,
    start,
    end: start + view.getUint32(20) / rate,
    holdBack: view.getUint32(32) / 1e6,
    data: data.subarray(36),
  };
}

async function whole(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
