import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePart } from "./push";

// The gateway's own golden file: an opening, and a part's head.
test("a part is read as it is written", () => {
  const file = new Uint8Array(readFileSync(join(import.meta.dirname, "../../../../hls/testdata/push.bin")));
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
