import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, Unreachable } from "../api/http";
import { LiveSocket, type Link, type SocketLike } from "./socket";

class FakeSocket implements SocketLike {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  says(m: unknown): void {
    this.onmessage?.({ data: JSON.stringify(m) });
  }
}

function setup() {
  const sockets: FakeSocket[] = [];
  const links: Link[] = [];
  const states: [Record<string, unknown>, boolean][] = [];
  const signedOut = vi.fn();
  const failed = vi.fn();
  const live = new LiveSocket(
    () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
    { link: (l) => links.push(l), state: (set, all) => states.push([set, all]), probe: () => ({ cmd: "queue.get", args: { zone: "z1" } }), signedOut, failed },
    "session-1",
  );
  const socket = () => {
    const s = sockets.at(-1);
    if (!s) throw new Error("no socket was opened");
    return s;
  };
  const enter = (seq: number) => {
    socket().onopen?.();
    socket().says({ type: "reply", id: "s1", ok: true, result: { seq } });
    socket().says({ type: "snapshot", seq, state: { scan: null } });
  };
  return { live, sockets, socket, links, states, signedOut, failed, enter };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("LiveSocket", () => {
  it("is open only once there is a state", () => {
    const { live, socket, links, states } = setup();
    live.start();
    socket().onopen?.();
    expect(socket().sent).toEqual([{ id: "s1", cmd: "subscribe", session: "session-1" }]);
    socket().says({ type: "reply", id: "s1", ok: true, result: { seq: 7 } });
    expect(links).toEqual(["connecting"]);
    socket().says({ type: "snapshot", seq: 7, state: { a: 1 } });
    expect(links).toEqual(["connecting", "open"]);
    expect(states).toEqual([[{ a: 1 }, true]]);
  });

  it("resumes after the last number, and takes no delta twice", () => {
    const { live, socket, links, states, enter } = setup();
    live.start();
    enter(7);
    socket().says({ type: "delta", seq: 8, set: { b: 2 } });
    socket().says({ type: "delta", seq: 8, set: { b: 2 } });
    expect(states).toHaveLength(2);
    socket().onclose?.({ code: 1006 });
    expect(links.at(-1)).toBe("lost");
    vi.advanceTimersByTime(2000);
    socket().onopen?.();
    expect(socket().sent[0]).toMatchObject({ cmd: "subscribe", since: 8 });
    socket().says({ type: "reply", id: String(socket().sent[0]?.["id"]), ok: true, result: { seq: 8 } });
    expect(links.at(-1)).toBe("open");
  });

  it("sends an unanswered command again, with the same id", async () => {
    const { live, socket, enter } = setup();
    live.start();
    enter(1);
    const reply = live.command("zone.next", { zone: "z1" });
    const first = socket().sent.at(-1);
    socket().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(1000);
    socket().onopen?.();
    socket().says({ type: "snapshot", seq: 3, state: {} });
    expect(socket().sent.at(-1)).toEqual(first);
    socket().says({ type: "reply", id: first?.["id"], ok: true, result: { id: "z1" } });
    await expect(reply).resolves.toEqual({ id: "z1" });
  });

  it("gives up on a command that stays without an answer", async () => {
    const { live, enter } = setup();
    live.start();
    enter(1);
    const reply = live.command("zone.next", { zone: "z1" });
    const refused = expect(reply).rejects.toBeInstanceOf(Unreachable);
    vi.advanceTimersByTime(7000);
    await refused;
  });

  it("refuses commands while the connection is lost, and passes problems on", async () => {
    const { live, socket, enter } = setup();
    live.start();
    await expect(live.command("zone.next", {})).rejects.toBeInstanceOf(Unreachable);
    enter(1);
    const reply = live.command("zone.jump", { zone: "z9" });
    socket().says({ type: "reply", id: socket().sent.at(-1)?.["id"], ok: false, problem: { title: "Not found", status: 404, detail: "There is no such zone." } });
    await expect(reply).rejects.toThrow("There is no such zone.");
    await expect(reply).rejects.toBeInstanceOf(ApiError);
  });

  it("waits longer each time, and at most some seconds", () => {
    const { live, sockets } = setup();
    live.start();
    const waits = Array.from({ length: 9 }, () => {
      const n = sockets.length;
      sockets.at(-1)?.onclose?.({ code: 1006 });
      let ms = 0;
      for (; sockets.length === n; ms += 100) vi.advanceTimersByTime(100);
      return ms;
    });
    expect(waits[0]).toBeLessThan(700);
    expect(waits[3]).toBeGreaterThan(2000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_600);
    sockets.at(-1)?.onclose?.({ code: 1006 });
    live.hurry();
    expect(sockets).toHaveLength(11);
  });

  it("does not wait for ever for a connection that does not come about", () => {
    const { live, sockets, links } = setup();
    live.start();
    vi.advanceTimersByTime(9000);
    expect(links).toContain("lost");
    expect(sockets.length).toBeGreaterThan(1);
  });

  it("asks after a silence, and gives up what does not answer", () => {
    const { live, socket, sockets, links, enter } = setup();
    live.start();
    enter(1);
    vi.advanceTimersByTime(12_500);
    const probe = socket().sent.at(-1);
    expect(probe).toMatchObject({ cmd: "queue.get" });
    socket().says({ type: "reply", id: probe?.["id"], ok: true, result: {} });
    vi.advanceTimersByTime(5000);
    expect(links.at(-1)).toBe("open");
    vi.advanceTimersByTime(12_500);
    expect(links.at(-1)).toBe("lost");
    expect(socket().closed || sockets.length > 1).toBe(true);
  });

  it("does not come back when the session has ended", () => {
    const { live, sockets, socket, signedOut, enter } = setup();
    live.start();
    enter(1);
    socket().onclose?.({ code: 4001 });
    vi.advanceTimersByTime(60_000);
    expect(signedOut).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
  });
});
