import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Device, Track, Zone } from "../src/api/types";
import { browser, gateway, open, type Gateway } from "./harness";
import { installTap, type Moment } from "./listen.tap";
import { startRelay, type Relay } from "./relay";

// "Listen here" by ear: everything below is measured on the sound itself, in
// the page, by what listen.tap hears.

const account = { name: "mina", password: "open the gate" };
const loud = 0.05;
const patient = { timeout: 8000, interval: 50 }; // a device that has gone is shown for 3 s more

let g: Gateway;
let b: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  g = await gateway();
  if (g.mock) throw new Error("JUMPGATE_URL names no gateway: `go test -tags e2e -run Listen ./cmd/jumpgate` starts one");
  b = await browser();
  ({ page, context, faults } = await open(b, g));
  await context.request.post(`${g.url}/api/v1/claim`, { data: { code: g.code, ...account } });
  await context.request.post(`${secure()}/api/v1/session`, { data: account, headers: { origin: secure() } });
  await begin("auto");
  const tracks = await get<{ items: Track[] }>("/tracks?limit=100");
  await post(`/zones/${(await zone()).id}/queue`, { tracks: tracks.items.map((t) => t.id), at: "now", clear: true });
});

afterAll(async () => {
  await b.close();
  await g.close();
});

afterEach(() => expect(faults.splice(0)).toEqual([]));

/** The same gateway by HTTPS: only there it pushes to a page. */
const secure = () => g.url.replace("http:", "https:");

/** Loads the page anew, with the tap in it. */
async function begin(mode: string, url = mode === "push" ? secure() : g.url): Promise<void> {
  await page.close();
  const from = { ...g, url };
  const opened = await open(b, from, context);
  page = opened.page;
  faults = opened.faults;
  await page.addInitScript(installTap);
  await page.addInitScript((m) => localStorage.setItem("jumpgate.listen", m), mode === "push" ? "hls" : mode);
  await page.goto(from.url);
  await page.locator(".jump").waitFor();
}

async function get<T>(path: string): Promise<T> {
  return (await (await context.request.get(`${g.url}/api/v1${path}`)).json()) as T;
}

async function post(path: string, data: unknown): Promise<void> {
  const answer = await context.request.post(`${g.url}/api/v1${path}`, { data, headers: { origin: g.url } });
  expect(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
}

async function zone(): Promise<Zone> {
  const [first] = (await get<{ items: Zone[] }>("/zones")).items;
  if (!first) throw new Error("there is no zone");
  return first;
}

async function tabs(): Promise<Device[]> {
  return (await get<{ items: Device[] }>("/devices")).items.filter((d) => d.kind === "browser");
}

/** What a moment can be asked to be. */
interface Wanted {
  sound: boolean;
  not?: Moment; // what it must not go on with
}

/** Waits for the first moment from `since` on that is as wanted. */
async function moment(what: string, since: number, wanted: Wanted, limit = 20_000): Promise<Moment> {
  const until = Date.now() + limit;
  for (;;) {
    const found = await page.evaluate(
      ([from, want]) => {
        const is = (m: Moment | undefined) => m !== undefined && (want.sound ? m.rms > 0.05 && (m.track !== want.not?.track || m.offset < want.not.offset - 300) : m.rms < 0.005);
        // Two in a row: one window may lie across a change.
        return window.tap.moments.find((m, i, all) => m.at >= from && is(m) && is(all[i + 1]));
      },
      [since, wanted] as const,
    );
    if (found) return found;
    if (Date.now() > until) throw new Error(`not heard within ${limit} ms: ${what}; last: ${JSON.stringify(await page.evaluate(() => window.tap.moments.slice(-2)))}`);
    await page.waitForTimeout(20);
  }
}

const now = () => page.evaluate(() => performance.now());
const pressed = () => page.evaluate(() => window.tap.pressed);
const sound: Wanted = { sound: true };
const silence: Wanted = { sound: false };

/** Clicks and tells when the click reached the page. */
async function press(selector: string): Promise<number> {
  await page.locator(selector).click();
  return pressed();
}

const median = (of: number[]) => [...of].sort((x, y) => x - y)[Math.floor(of.length / 2)] ?? NaN;

/** How far what is heard lies behind the zone's own timeline, in ms. */
async function behind(): Promise<number> {
  const found: number[] = [];
  for (let i = 0; i < 9; i++) {
    const z = await zone();
    const heard = await page.evaluate(() => ({ epoch: performance.timeOrigin, last: window.tap.moments.at(-1) }));
    if (heard.last && heard.last.rms > loud) found.push(z.offsetMs + (heard.epoch + heard.last.at - z.at) - heard.last.offset);
    await page.waitForTimeout(150);
  }
  return median(found);
}

function report(mode: string, what: string, values: number[]): void {
  const sorted = [...values].sort((x, y) => x - y).map((v) => Math.round(v));
  process.stdout.write(`LISTEN ${mode}: ${what}: p50 ${Math.round(median(values))} ms (${sorted.join(", ")})\n`);
}

/** How long WebRTC holds what has come, in ms, over the last second. */
async function buffered(): Promise<number> {
  const stats = () =>
    page.evaluate(async () => {
      for (const s of (await window.tap.peer?.getStats())?.values() ?? []) {
        const r = s as RTCInboundRtpStreamStats;
        if (r.type === "inbound-rtp") return { delay: r.jitterBufferDelay ?? 0, count: r.jitterBufferEmittedCount ?? 0 };
      }
      return { delay: 0, count: 0 };
    });
  const from = await stats();
  await page.waitForTimeout(1000);
  const to = await stats();
  return ((to.delay - from.delay) / (to.count - from.count)) * 1000;
}

describe("a microphone", () => {
  it("is heard in its zone at once, and the music goes on behind it", async () => {
    await begin("whep");
    await context.grantPermissions(["microphone"], { origin: g.url });
    await post(`/zones/${(await zone()).id}/play`, {});
    const joined = await press(".top .listen");
    const music = await moment("music", joined, sound);
    await page.evaluate(() => (location.hash = "#/speakers"));
    const at = await press(".speak");
    await expect.poll(async () => (await zone()).track?.title, patient).toContain("Chrome");
    report("whip", "tap to the zone's word", [(await now()) - at]);
    // Its beeps have silence between them, which the music has not.
    const quiet = await moment("silence between beeps", at, silence);
    const beep = await moment("a beep", quiet.at, sound);
    await moment("silence again", beep.at, silence);
    await press(".speak");
    await expect.poll(async () => (await zone()).track?.title, patient).not.toContain("Chrome");
    await moment("music again", await now(), { sound: true, not: music });
    await press(".top .listen");
    await expect.poll(tabs, patient).toHaveLength(0);
  });
});

describe.each(["whep", "hls", "push"] as const)("a tab by %s", (mode) => {
  // Wide: a busy machine lets wait. What is usual stands in docs/benchmarks.md.
  const limit = { behind: 1500, jump: 5000, pause: 1500 };
  const rounds = mode === "push" ? 3 : 4;

  it("becomes a member, and music is heard", async () => {
    await begin(mode);
    await post(`/zones/${(await zone()).id}/play`, {});
    const at = await press(".top .listen");
    const first = await moment("music", at, sound);
    report(mode, "tap to music", [first.at - at]);
    await expect.poll(tabs, patient).toHaveLength(1);
    const [tab] = await tabs();
    expect((await zone()).members).toContain(tab?.id);
    expect(tab?.name).toContain("Chrome");
    await page.waitForTimeout(3000);
    const late = await behind();
    report(mode, "behind the timeline", [late]);
    if (mode === "push") expect(await page.evaluate(() => window.tap.sessions), "sessions of WebTransport").toBe(1);
    if (mode === "whep") report(mode, "jitter buffer", [await buffered()]);
    expect(late).toBeLessThan(limit.behind);
  });

  it("lands where a JUMP lands", async () => {
    const changes: number[] = [];
    const leaves: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const before = await moment("music", await now(), sound);
      const at = await press(".jump");
      const landed = await moment("other music", at, { sound: true, not: before });
      const old = await page.evaluate(
        ([from, was]) => window.tap.moments.filter((m) => m.at >= from && m.rms > 0.01 && m.track === was.track && m.offset > was.offset - 300).at(-1)?.at ?? from,
        [at, before] as const,
      );
      leaves.push(old - at);
      changes.push(landed.at - at);
      await page.waitForTimeout(2500);
    }
    report(mode, "JUMP until the old music is gone", leaves);
    report(mode, "JUMP until the new music is heard", changes);
    expect(median(changes)).toBeLessThan(limit.jump);
    const late = await behind();
    report(mode, "behind the timeline after JUMPs", [late]);
    expect(late).toBeLessThan(limit.behind);
  });

  if (mode === "push") return; // the rest is the page's, by whatever way sound comes

  it("rests at once when the zone pauses, and goes on", async () => {
    const rests: number[] = [];
    const resumes: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const paused = await press(".play-button");
      rests.push((await moment("silence", paused, silence)).at - paused);
      await page.waitForTimeout(1500);
      const after = await page.evaluate((from) => window.tap.moments.filter((m) => m.at > from + 1000).every((m) => m.rms < 0.005), paused);
      expect(after, "silence lasts").toBe(true);
      const resumed = await press(".play-button");
      resumes.push((await moment("music again", resumed, sound)).at - resumed);
      await page.waitForTimeout(1500);
    }
    report(mode, "pause to silence", rests);
    report(mode, "play to music", resumes);
    expect(median(rests)).toBeLessThan(limit.pause);
    report(mode, "behind the timeline after pauses", [await behind()]);
  });

  it("goes when it is told to, and plays no more", async () => {
    const at = await press(".top .listen");
    await moment("silence", at, silence);
    await expect.poll(tabs, patient).toHaveLength(0);
    await expect.poll(async () => (await zone()).members.filter((m) => m.startsWith("tab-")), patient).toHaveLength(0);
  });

  it("can be asked to listen while the zone rests", async () => {
    await post(`/zones/${(await zone()).id}/pause`, {});
    await begin(mode);
    await press(".top .listen");
    await expect.poll(tabs, patient).toHaveLength(1);
    await page.waitForTimeout(mode === "hls" ? 13_000 : 3000); // longer than it waits for a first sound
    const at = await press(".play-button");
    report(mode, "play to music, joined at rest", [(await moment("music", at, sound)).at - at]);
  });

  it("goes with its page", async () => {
    await expect.poll(tabs, patient).toHaveLength(1);
    const at = Date.now();
    await page.close();
    await expect.poll(tabs, { timeout: 40_000, interval: 100 }).toHaveLength(0);
    report(mode, "closing the page until it is gone", [Date.now() - at]);
    ({ page, faults } = await open(b, g, context));
  });
});

describe("a tab to which UDP does not get through", () => {
  let relay: Relay;
  let playlists = 0;

  beforeAll(async () => {
    relay = await startRelay(g.url);
  });
  afterAll(() => relay.close());

  async function join(): Promise<number> {
    await begin("push", relay.url);
    playlists = 0;
    page.on("request", (r) => (playlists += r.url().includes(".m3u8") ? 1 : 0));
    return press(".top .listen");
  }

  async function listen(): Promise<void> {
    await post(`/zones/${(await zone()).id}/play`, {});
    const at = await join();
    report("relayed", "tap to music", [(await moment("music", at, sound)).at - at]);
  }

  it("plays by playlists", async () => {
    relay.carriesUDP = false;
    await listen();
    expect(await page.evaluate(() => window.tap.sessions), "sessions of WebTransport").toBe(1);
    expect(playlists).toBeGreaterThan(0);
  });

  it("waits for a zone that rests, where it does", async () => {
    relay.carriesUDP = true;
    await post(`/zones/${(await zone()).id}/pause`, {});
    await join();
    await page.waitForTimeout(6000); // longer than it waits for a part of a zone that plays
    const at = await press(".play-button");
    report("relayed", "play to music, joined at rest", [(await moment("music", at, sound)).at - at]);
    expect(playlists).toBe(0);
  });

  it("goes on by playlists when a session breaks off", async () => {
    relay.carriesUDP = true;
    await listen();
    expect(playlists).toBe(0);
    await page.waitForTimeout(1500);
    relay.carriesUDP = false;
    const cut = await now();
    const end = await moment("the end of what was pushed", cut, silence);
    const again = await moment("music by playlists", end.at, sound);
    report("relayed", "silence until music by playlists", [again.at - end.at]);
    expect(playlists).toBeGreaterThan(0);
    expect(await page.evaluate(() => window.tap.sessions), "sessions of WebTransport").toBe(1);
  });
});
