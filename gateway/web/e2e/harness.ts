import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { startMock, type Mock } from "./mock/server";

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };
export type Theme = "dark" | "light";

/** A gateway to try the page on: a real one when JUMPGATE_URL names it. */
export interface Gateway {
  url: string;
  code: string;
  mock: Mock | undefined;
  close(): Promise<void>;
}

export async function gateway(): Promise<Gateway> {
  const url = process.env["JUMPGATE_URL"];
  if (url) return { url: url.replace(/\/$/, ""), code: process.env["JUMPGATE_CODE"] ?? "", mock: undefined, close: () => Promise.resolve() };
  const mock = await startMock();
  return { url: mock.url, code: mock.house.code, mock, close: () => mock.close() };
}

export function browser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--autoplay-policy=user-gesture-required",
      "--use-fake-device-for-media-stream", // its microphone beeps
    ],
  });
}

/** A page that fails the test when it says or asks for what it should not. */
export async function open(b: Browser, g: Gateway, from?: BrowserContext): Promise<{ page: Page; context: BrowserContext; faults: string[] }> {
  const context = from ?? (await b.newContext({ viewport: phone, locale: "en-GB", colorScheme: "dark", hasTouch: true, ignoreHTTPSErrors: true }));
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (err) => faults.push(`error: ${err.message}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/Failed to load resource|WebSocket connection|Failed to establish a connection/.test(m.text())) faults.push(`console: ${m.text()}`);
  });
  page.on("request", (r) => {
    const host = new URL(r.url());
    if (host.protocol.startsWith("http") && host.origin !== g.url) faults.push(`asked elsewhere: ${r.url()}`);
  });
  return { page, context, faults };
}

export async function view(page: Page, hash: string): Promise<void> {
  await page.evaluate((h) => (location.hash = h), hash);
  await page.waitForTimeout(250);
}

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface AxeResult {
  violations: { id: string; impact: string | null; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}

/** What axe finds serious or critical, as lines to read. */
export async function axe(page: Page): Promise<string[]> {
  // Not as a script tag: the page's own policy refuses those.
  await page.evaluate(await readFile(axePath, "utf8"));
  const result = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run());
  return result.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary ?? v.help}`));
}

/** Every control must be big enough for a finger; what is not, as lines. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, select, nav a, input:not([type=radio])")]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0)
      .map((e) => ({ e, r: e.getBoundingClientRect() }))
      .filter(({ r }) => r.width < 43.5 || r.height < 43.5)
      .map(({ e, r }) => `${e.tagName} ${e.className} ${e.getAttribute("aria-label") ?? e.textContent} ${Math.round(r.width)}x${Math.round(r.height)}`),
  );
}

/** A picture for people, when JUMPGATE_SHOTS names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["JUMPGATE_SHOTS"];
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** What a gateway has to have for a scenario. */
export function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the gateway gave nothing to test with");
  return value;
}
