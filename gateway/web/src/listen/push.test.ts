import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { parsePart, PushPlayer } from "./push";

const golden = () => new Uint8Array(readFileSync(join(import.meta.dirname, "../../../../hls/testdata/push.bin")));

// The gateway's own golden file: an opening, and a part's head.
test("a part is read as it is written", () => {
  const file = golden();
  const view = new DataView(file.buffer, file.byteOffset);
  expect(view.getUint8(0)).toBe(0);
  const rate = view.getUint32(1);
  const length = view.getUint16(5);
  expect(new TextDecoder().decode(file.subarray(7, 7 + length))).toBe('audio/mp4; codecs="fLaC"');
  const part = parsePart(new Uint8Array([...file.subarray(7 + length), 1, 2, 3]), rate);
  expect(part.discontinuity).toBe(true);
  expect(part.start).toBe(0);
  expect(part.end).toBeCloseTo(8192 / 44100, 9);
  expect(part.holdBack).toBeCloseTo(0.55728, 9);
  expect([...part.data]).toEqual([1, 2, 3]);
});

/** A browser's half of what is pushed, as far as the player asks for it. */
function stage() {
  let push: (data: Uint8Array<ArrayBuffer>) => void = () => undefined;
  const streams = new ReadableStream<ReadableStream<Uint8Array>>({
    start: (c) => {
      push = (data) => c.enqueue(new Blob([data]).stream());
    },
  });
  let end = 0;
  class Buffer extends EventTarget {
    updating = false;
    buffered = { length: 1, start: () => 0, end: () => end };
    appendBuffer = () => this.dispatchEvent(new Event("updateend"));
  }
  vi.stubGlobal("location", { href: "https://gate/" });
  vi.stubGlobal("WebTransport", class {
    ready = Promise.resolve();
    closed = new Promise(() => undefined);
    incomingUnidirectionalStreams = streams;
    close = () => undefined;
  });
  vi.stubGlobal("MediaSource", class extends EventTarget {
    static isTypeSupported = () => true;
    readyState = "open";
    addSourceBuffer = () => new Buffer();
    constructor() {
      super();
      setTimeout(() => this.dispatchEvent(new Event("sourceopen")));
    }
  });
  URL.createObjectURL = () => "blob:x";
  URL.revokeObjectURL = () => undefined;
  const audio = { src: "", currentTime: 0, playbackRate: 1, muted: false, paused: false, removeAttribute: () => undefined };
  const file = golden();
  const opening = 7 + new DataView(file.buffer, file.byteOffset).getUint16(5);
  let n = 0;
  return {
    audio: audio as unknown as HTMLAudioElement,
    open: () => push(file.slice(0, opening)),
    part(discontinuity: boolean) {
      const part = file.slice(opening);
      const view = new DataView(part.buffer);
      view.setUint8(1, discontinuity ? 1 : 0);
      view.setBigUint64(12, BigInt(8192 * n++));
      end = (8192 * n) / 44100;
      audio.currentTime += 8192 / 44100; // it plays on meanwhile
      push(part);
    },
  };
}

describe("a jump that is pushed", () => {
  let s: ReturnType<typeof stage>;
  let player: PushPlayer;
  const soon = () => vi.advanceTimersByTimeAsync(20);

  beforeEach(async () => {
    vi.useFakeTimers();
    s = stage();
    player = new PushPlayer(undefined, () => undefined);
    const started = player.start("/push", s.audio);
    await soon();
    await started;
    s.open();
    await soon();
  });
  afterEach(() => {
    player.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is heard when it came before it was announced, also as the first sound", async () => {
    player.resync(); // the zone goes on; nothing is there that could be silenced
    expect(s.audio.muted).toBe(false);
    s.part(true);
    await soon();
    player.resync();
    expect(s.audio.muted).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    s.part(true);
    await soon();
    player.resync();
    expect(s.audio.muted).toBe(false);
  });

  it("is silence until it comes, but not for ever", async () => {
    for (let i = 0; i < 15; i++) {
      s.part(false);
      await vi.advanceTimersByTimeAsync(100);
    }
    player.resync();
    expect(s.audio.muted).toBe(true);
    s.part(false);
    await soon();
    expect(s.audio.muted).toBe(true);
    s.part(true);
    await soon();
    expect(s.audio.muted).toBe(false);
    await vi.advanceTimersByTimeAsync(1500);
    player.resync(); // and nothing jumps
    for (let i = 0; i < 31; i++) {
      s.part(false);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(s.audio.muted).toBe(false);
  });
});
