import type { Page } from "playwright-core";
import { expect } from "vitest";
import { view } from "./harness";

const top = (page: Page) => page.locator("#content").evaluate((e) => Math.round(e.scrollTop));

/** Going back leads to the place that was left. */
export async function placesAreKept(page: Page): Promise<void> {
  await view(page, "#/library/tracks");
  await page.locator(".track-row").first().waitFor();
  await page.locator("#content").evaluate((e) => e.scrollTo(0, 420));
  await expect.poll(() => top(page)).toBe(420);
  await page.waitForTimeout(100);
  await view(page, "#/speakers");
  expect(await top(page)).toBe(0);
  await page.goBack();
  await expect.poll(() => top(page)).toBe(420);
}

/** The queue opens at what plays: what has played is above. */
export async function queueOpensAtWhatPlays(page: Page): Promise<void> {
  await view(page, "#/queue");
  await page.locator("#content").evaluate((e) => e.scrollTo(0, 0));
  const entry = page.locator(".queue-row .row-main").nth(6);
  await entry.click();
  await expect.poll(() => entry.getAttribute("aria-current")).toBe("true");
  await view(page, "#/speakers");
  await view(page, "#/queue");
  await expect.poll(() => top(page)).toBeGreaterThan(50);
  await page.waitForTimeout(100); // nothing scrolls it back
  expect(await top(page)).toBeGreaterThan(50);
}
