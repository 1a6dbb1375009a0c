import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Album, Track, Zone } from "../src/api/types";
import { faint } from "./contrast";
import { crossfadeIsKept } from "./crossfade";
import { dialogsHoldTheFocus } from "./dialogs";
import { axe, browser, desktop, gateway, type Gateway, open, phone, shoot, smallTargets, sure, type Theme, view } from "./harness";
import { listIsOneStop, unseenStops } from "./keyboard";
import { refusesInKorean, speaksKorean } from "./korean";
import { pairsAPlayer } from "./pairing";
import { mixSortsTheQueue } from "./mix";
import { placesAreKept, queueOpensAtWhatPlays } from "./places";
import { jumpKeepsItsWord, listenersJoin, listsAreMixed, tasteIsCorrected } from "./listeners";

const account = { name: process.env["JUMPGATE_USER"] ?? "mina", password: process.env["JUMPGATE_PASSWORD"] ?? "open the gate" };

let g: Gateway;
let b: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  g = await gateway();
  b = await browser();
  ({ page, context, faults } = await open(b, g));
});

afterAll(async () => {
  await b.close();
  await g.close();
});

function get<T>(path: string): Promise<T> {
  return page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json() as Promise<unknown>, path) as Promise<T>;
}

async function currentZone(): Promise<Zone> {
  const { items } = await get<{ items: Zone[] }>("/zones");
  const name = await page.locator(".zone-label").textContent();
  return sure(items.find((z) => z.name === name) ?? items[0]);
}

describe("the page", () => {
  it("claims a new gateway, or signs in to one that is claimed", async () => {
    await page.goto(g.url);
    await page.locator(".porch h1").waitFor();
    await shoot(page, "start-phone-dark");
    expect(await axe(page)).toEqual([]);
    const code = page.locator("input[name=code]");
    if (await code.count()) {
      await code.fill("NOT-IT");
      await page.locator("input[name=name]").fill(account.name);
      await page.locator("input[name=password]").fill(account.password);
      await page.locator("button[type=submit]").click();
      await expect.poll(() => page.locator(".credentials .problem").textContent()).not.toBe("");
      await code.fill(g.code);
    } else {
      await page.locator("input[name=name]").fill(account.name);
      await page.locator("input[name=password]").fill(account.password);
    }
    await page.locator("button[type=submit]").click();
    await page.locator(".jump").waitFor();
  });

  it("shows the library with covers", async () => {
    await view(page, "#/library/albums");
    await page.locator(".card .card-title").first().waitFor();
    const { total, items } = await get<{ total: number; items: Album[] }>("/albums?limit=1");
    expect(total).toBeGreaterThan(0);
    expect(await page.locator(".card-title").first().textContent()).toBe(items[0]?.title);
    if (items[0]?.cover) {
      const loaded = () => page.locator(".card img").first().evaluate((i: HTMLImageElement) => i.complete && i.naturalWidth > 0);
      await expect.poll(loaded).toBe(true);
    }
  });

  it("plays an album from its view", async () => {
    await page.locator(".card a").first().click();
    const title = await page.locator(".detail h1").textContent();
    const first = await page.locator(".album-tracks .row-title").first().textContent();
    await shoot(page, "album-phone-dark");
    expect(await axe(page)).toEqual([]);
    await page.locator(".detail-actions .primary").click();
    await expect.poll(() => page.locator(".mini .row-title").textContent()).toBe(first);
    await view(page, "#/playing");
    await expect.poll(() => page.locator(".title").textContent()).toBe(first);
    expect(await page.locator(".byline").textContent()).toContain(title ?? "?");
    await expect.poll(async () => (await currentZone()).state).toBe("playing");
  });

  it("moves the scrubber on by itself, and seeks by keyboard", async () => {
    const slider = page.locator(".scrubber input");
    const at = () => slider.evaluate((i: HTMLInputElement) => i.valueAsNumber);
    const before = await at();
    await expect.poll(at).toBeGreaterThan(before);
    await slider.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await currentZone()).offsetMs).toBeGreaterThan(2500);
  });

  it("pauses and plays with the space bar", async () => {
    await page.locator("#content").focus();
    await page.keyboard.press(" ");
    await expect.poll(async () => (await currentZone()).state).toBe("paused");
    await page.keyboard.press(" ");
    await expect.poll(async () => (await currentZone()).state).toBe("playing");
  });

  it("JUMPs, and says where it landed", async () => {
    const before = await currentZone();
    await page.locator(".jump").click();
    await expect.poll(() => page.locator(".jump-where").textContent()).toMatch(/^Landed in ./);
    await shoot(page, "jump-phone-dark");
    const after = await currentZone();
    expect(after.entry?.id).not.toBe(before.entry?.id);
    expect(after.entry?.by).toBe("flow");
    await expect.poll(() => page.locator(".title").textContent()).toBe(after.track?.title);
    await expect.poll(() => page.locator("p.unseen[aria-live=polite]").textContent()).toMatch(/Landed in|Now playing/);
  });

  it("says where a JUMP would lead before it is pressed", () => jumpKeepsItsWord(page));

  it("likes a track and keeps it", async () => {
    const z = await currentZone();
    await page.locator(".title-row .like").click();
    const track = sure(z.track);
    await expect.poll(async () => (await get<{ items: Track[] }>(`/tracks?album=${track.albumId}&limit=1000`)).items.find((x) => x.id === track.id)?.rating).toBe(1);
  });

  it("reorders the queue by keyboard and by dragging, and removes", async () => {
    const z = await currentZone();
    const { items } = await get<{ items: Album[] }>("/albums?limit=3");
    await page.evaluate(
      async ([zone, album]) =>
        fetch(`/api/v1/zones/${zone}/queue`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ album, at: "next" }) }),
      [z.id, items[1]?.id] as const,
    );
    await view(page, "#/queue");
    await page.locator("button[aria-label='To what plays']").click();
    await page.waitForTimeout(700);
    const ids = async () => (await get<{ items: { id: string }[] }>(`/zones/${z.id}/queue?offset=0&limit=200`)).items.map((i) => i.id);
    const index = (await currentZone()).index;
    const grip = (i: number) => page.locator(`[data-grip="${i}"]`);
    const start = await ids();

    await grip(index + 1).focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(async () => (await ids()).indexOf(start[index + 1] ?? "")).toBe(index + 2);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-grip"))).toBe(String(index + 2));

    const from = await grip(index + 3).boundingBox();
    const to = await grip(index + 1).boundingBox();
    if (!from || !to) throw new Error("the rows are not in sight");
    const held = (await ids())[index + 3] ?? "";
    await page.mouse.move(from.x + 20, from.y + 25);
    await page.mouse.down();
    await page.mouse.move(to.x + 20, to.y + 6, { steps: 6 });
    await shoot(page, "queue-drag-phone-dark");
    await page.mouse.up();
    await expect.poll(async () => (await ids()).indexOf(held)).toBe(index + 1);

    await page.locator(".queue-row").filter({ has: grip(index + 1) }).locator(".icon-button").click();
    await page.getByRole("button", { name: "Remove from queue" }).click();
    await expect.poll(async () => (await ids()).includes(held)).toBe(false);
  });

  it("sorts what is picked by liking, and back", () => mixSortsTheQueue(page));

  it("finds Korean as it is typed", async () => {
    const all = await get<{ items: Track[] }>("/tracks?limit=1000");
    const korean = all.items.find((x) => /^[가-힣]/.test(x.title));
    const wanted = sure(korean ?? all.items[0]);
    await view(page, "#/library/albums");
    await page.locator("#content").focus();
    await page.keyboard.press("/");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("search");
    await page.keyboard.insertText(wanted.title.slice(0, 2));
    await page.locator(".found .track-row .row-title", { hasText: wanted.title }).first().waitFor();
    await shoot(page, "search-phone-dark");
    expect(await axe(page)).toEqual([]);
  });

  it("speaks Korean when asked, and so does the gateway", () => speaksKorean(page));
  it("says in Korean what the gateway refuses", () => (g.mock ? undefined : refusesInKorean(page)));

  it("speaks English again", async () => {
    await view(page, "#/settings");
    await page.getByRole("radio", { name: "English" }).check();
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("en");
  });

  it.each(["whep", "hls"] as const)("is a speaker by %s after a tap, and rests at once when the zone does", async (mode) => {
    if (g.mock) return; // it makes no sound
    if (mode === "whep" && !(await get<{ features: { opus: boolean } }>("/server")).features.opus) return;
    await view(page, "#/settings");
    await page.getByRole("radio", { name: mode === "whep" ? "WebRTC" : "HLS" }).check();
    await view(page, "#/playing");
    if ((await currentZone()).state !== "playing") await page.locator(".play-button").click();
    await page.locator(".top .listen").click();
    const clock = () => page.locator("audio").evaluate((a: HTMLAudioElement) => (a.paused ? -1 : a.currentTime));
    await expect.poll(clock, { timeout: 20_000 }).toBeGreaterThan(0.3);
    await shoot(page, `listen-${mode}-phone-dark`);
    await page.locator(".jump").click();
    await expect.poll(() => page.locator(".jump-where").textContent()).toMatch(/^Landed in ./);
    const after = await clock();
    await expect.poll(clock, { timeout: 20_000 }).toBeGreaterThan(after);
    await page.locator(".play-button").click();
    await expect.poll(() => page.locator("audio").evaluate((a: HTMLAudioElement) => a.paused)).toBe(true);
    await page.locator(".play-button").click();
    const before = await clock();
    await expect.poll(clock, { timeout: 20_000 }).toBeGreaterThan(before);
    await page.locator(".top .listen").click();
    const tabs = async () => (await get<{ items: { kind: string }[] }>("/devices")).items.filter((d) => d.kind === "browser");
    await expect.poll(tabs, { timeout: 20_000 }).toEqual([]);
  });

  it("comes back to where a list was left", () => placesAreKept(page));
  it("has its long lists walked through by keyboard", () => listIsOneStop(page));
  it("opens the queue at what plays", () => queueOpensAtWhatPlays(page));

  it("is honest when the connection is lost, and comes back", async () => {
    await view(page, "#/playing");
    if (g.mock) g.mock.cut();
    else await context.setOffline(true);
    await page.locator(".banner").waitFor({ timeout: 30_000 });
    expect(await page.locator(".jump").isDisabled()).toBe(true);
    await shoot(page, "lost-phone-dark");
    expect(await axe(page)).toEqual([]);
    if (g.mock) g.mock.restore();
    else await context.setOffline(false);
    await page.locator(".banner").waitFor({ state: "detached", timeout: 30_000 });
    expect(await page.locator(".jump").isDisabled()).toBe(false);
  });
});

const views: [string, string][] = [
  ["playing", "#/playing"],
  ["queue", "#/queue"],
  ["albums", "#/library/albums"],
  ["artists", "#/library/artists"],
  ["tracks", "#/library/tracks"],
  ["playlists", "#/library/playlists"],
  ["chart", "#/library/chart"],
  ["speakers", "#/speakers"],
  ["settings", "#/settings"],
];

describe.each<Theme>(["dark", "light"])("every view, %s", (theme) => {
  it.each(views)("%s: nothing serious for axe, nothing faint, targets for fingers, stops for Tab, no sideways scroll", async (name, hash) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries({ phone, desktop })) {
      await page.setViewportSize(viewport);
      await view(page, hash);
      await page.waitForTimeout(350);
      await shoot(page, `${name}-${size}-${theme}`);
      expect(await axe(page), size).toEqual([]);
      expect(await faint(page), size).toEqual([]);
      if (size === "phone") expect(await smallTargets(page)).toEqual([]);
      if (size === "phone" && theme === "dark") expect(await unseenStops(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && (document.getElementById("content")?.scrollWidth ?? 0) <= innerWidth)).toBe(true);
    }
  });
});

describe("dialogs", () => {
  it("open by key and tap, hold the focus, give it back, and please axe", async () => {
    // A track that ends meanwhile may take its row, and with it the focus, away.
    const { id } = await currentZone();
    await page.evaluate((zone) => fetch(`/api/v1/zones/${zone}/pause`, { method: "POST" }), id);
    await dialogsHoldTheFocus(page);
  });

  it("pair a player", () => (g.mock ? pairsAPlayer(page) : undefined)); // the real gateway has none here

  it("show a device's details in place", async () => {
    await page.locator(".device-head .icon-button").first().click();
    await page.locator(".device-details").first().waitFor();
    expect(await axe(page)).toEqual([]);
    await shoot(page, "device-phone-dark");
  });

  it("say how long tracks fade", () => crossfadeIsKept(page, currentZone));
});

describe("listeners", () => {
  it("are named in a zone, and join", () => listenersJoin(page, account.name, currentZone));
  it("see their taste and correct it", () => tasteIsCorrected(page, get));
  it("have any list sorted by what they like", () => listsAreMixed(page));
});

describe("what the page leaves behind", () => {
  it("no error in the console and no request to anywhere else", () => {
    expect(faults).toEqual([]);
  });

  it("signs out", async () => {
    await page.setViewportSize(phone);
    await view(page, "#/settings");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator(".porch h1").waitFor();
    await shoot(page, "signin-phone-light");
  });
});
