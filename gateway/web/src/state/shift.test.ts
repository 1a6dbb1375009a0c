import { describe, expect, it } from "vitest";
import { shift } from "./shift";

function moved(text: string, from: number, to: number): string {
  const items = new Map(Array.from(text).map((c, i) => [i, c] as const).filter(([, c]) => c !== "."));
  shift(items, from, to);
  return Array.from(text).map((_, i) => items.get(i) ?? ".").join("");
}

describe("shift", () => {
  it.each([
    ["abcde", 0, 3, "bcade"],
    ["abcde", 3, 0, "dabce"],
    ["abcde", 1, 5, "acdeb"],
    ["abcde", 2, 3, "abcde"],
    ["ab.de", 0, 5, "b.dea"],
    [".bcde", 4, 0, "e.bcd"],
  ])("%s: %d in front of %d is %s", (text, from, to, want) => {
    expect(moved(text, from, to)).toBe(want);
  });
});
