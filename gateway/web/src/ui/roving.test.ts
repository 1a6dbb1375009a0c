import { describe, expect, it } from "vitest";
import { stepFor } from "./roving";

describe("the keys of a long list", () => {
  const list = { total: 20_000, columns: 1, screen: 9 };
  const grid = { total: 10, columns: 3, screen: 6 };

  it.each([
    ["ArrowDown", 4, 5],
    ["ArrowUp", 4, 3],
    ["ArrowUp", 0, undefined], // the view above the list is scrolled to instead
    ["ArrowDown", 19_999, undefined],
    ["PageDown", 4, 13],
    ["PageDown", 19_995, 19_999],
    ["PageUp", 4, 0],
    ["End", 4, 19_999],
    ["Home", 4, 0],
    ["ArrowRight", 4, undefined], // seeks, as everywhere
    ["Enter", 4, undefined],
  ])("%s from %d of a column leads to %s", (key, from, to) => expect(stepFor(key, from, list)).toBe(to));

  it.each([
    ["ArrowRight", 4, 5],
    ["ArrowLeft", 4, 3],
    ["ArrowDown", 4, 7],
    ["ArrowDown", 8, undefined], // the last row is not full
    ["ArrowUp", 4, 1],
    ["ArrowUp", 1, undefined],
    ["ArrowRight", 9, undefined],
    ["PageDown", 1, 7],
  ])("%s from %d of a grid leads to %s", (key, from, to) => expect(stepFor(key, from, grid)).toBe(to));
});
