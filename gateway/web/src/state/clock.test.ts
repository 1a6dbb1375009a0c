import { describe, expect, it } from "vitest";
import { Clock, position } from "./clock";

describe("Clock", () => {
  it("trusts the two clocks to agree until told otherwise", () => {
    expect(new Clock().gateway(5000)).toBe(5000);
  });

  it("does not follow the coarseness of a Date header", () => {
    const c = new Clock();
    c.date("Mon, 23 Nov 2026 10:00:00 GMT", Date.parse("2026-11-23T10:00:01.400Z"));
    expect(c.gateway(100_000)).toBe(100_000);
  });

  it("follows a phone that is minutes ahead, finely once stamps come", () => {
    const c = new Clock();
    const ahead = 180_000;
    const t0 = Date.parse("2026-11-23T10:00:00.000Z");
    c.date("Mon, 23 Nov 2026 10:00:00 GMT", t0 + 500 + ahead);
    expect(c.gateway(t0 + ahead)).toBe(t0);
    c.stamp(t0 + 1000, t0 + 1090 + ahead);
    c.stamp(t0 + 2000, t0 + 2012 + ahead);
    c.stamp(t0 + 3000, t0 + 3300 + ahead);
    expect(c.gateway(t0 + 4000 + ahead)).toBe(t0 + 4000 - 12);
  });

  it("passes over a stamp that was not fresh", () => {
    const c = new Clock();
    c.stamp(1000, 60_000);
    expect(c.gateway(60_000)).toBe(60_000);
  });
});

describe("position", () => {
  it("goes on while playing, stands when paused, and ends with the track", () => {
    expect(position({ state: "playing", offsetMs: 1000, at: 5000 }, 60_000, 8000)).toBe(4000);
    expect(position({ state: "paused", offsetMs: 1000, at: 5000 }, 60_000, 8000)).toBe(1000);
    expect(position({ state: "playing", offsetMs: 59_000, at: 5000 }, 60_000, 99_000)).toBe(60_000);
    expect(position({ state: "playing", offsetMs: 1000, at: 5000 }, 60_000, 4000)).toBe(1000);
  });
});
