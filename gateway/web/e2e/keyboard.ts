import type { Page } from "playwright-core";
import { expect } from "vitest";
import { view } from "./harness";

/** Where the focus is: the index of a list's item, or what else it is on. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const e = document.activeElement;
    return e?.closest<HTMLElement>(".virtual-item")?.dataset["index"] ?? `${e?.tagName ?? ""}.${e?.className ?? ""}`;
  });

/** A long list is one stop of the Tab key; arrows, Home and End lead through it, and scrolling loses nothing. */
export async function listIsOneStop(page: Page): Promise<void> {
  await view(page, "#/library/tracks");
  await page.locator(".virtual .row-main").first().waitFor();
  const last = String(Number(await page.locator(".virtual-item").first().getAttribute("aria-setsize")) - 1);
  await page.locator(".shelf-tabs a").last().focus();
  const tab = async () => {
    await page.keyboard.press("Tab");
    return focused(page);
  };
  await expect.poll(tab).toBe("0");
  for (const [key, index] of [["ArrowDown", "1"], ["ArrowDown", "2"], ["ArrowUp", "1"], ["End", last], ["ArrowUp", String(Number(last) - 1)]] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => focused(page), { message: key }).toBe(index);
  }
  const row = page.locator(`.virtual-item[data-index="${Number(last) - 1}"] .row-main`);
  expect(await row.evaluate((e) => document.elementFromPoint(innerWidth / 2, e.getBoundingClientRect().top + 20)?.closest(".row-main") === e), "is in sight").toBe(true);
  // The wheel takes the list away from under the focus, which stays.
  await page.locator("#content").evaluate((e) => e.scrollTo(0, 0));
  await page.waitForTimeout(200);
  expect(await focused(page)).toBe(String(Number(last) - 1));
  expect(await tab(), "the row's own menu").toBe(String(Number(last) - 1));
  expect(await tab(), "what comes after the list").toMatch(/mini-track|play-button/);
  await page.keyboard.press("Shift+Tab");
  expect(Number(await focused(page))).not.toBeNaN();
  await page.keyboard.press("Home");
  await expect.poll(() => focused(page)).toBe("0");
}

/** Each stop of the Tab key can be seen, and shows that the focus is there; what cannot, as lines. */
export async function unseenStops(page: Page, most = 40): Promise<string[]> {
  const unseen: string[] = [];
  await page.locator(".skip").focus();
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const e = document.activeElement;
      if (!(e instanceof HTMLElement) || e === document.body) return "end";
      const r = e.getBoundingClientRect();
      const on = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
      const covered = !on || !(e.contains(on) || on.contains(e) || on.closest("label")?.contains(e));
      const marked = [e, e.closest(".search"), e.nextElementSibling].some((x) => {
        const s = x && getComputedStyle(x);
        return s && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
      });
      if (!covered && marked) return "";
      return `${e.tagName}.${e.className} ${e.getAttribute("aria-label") ?? e.textContent.slice(0, 30)}: ${covered ? "covered" : "not marked"}`;
    });
    if (found === "end") break;
    if (found) unseen.push(found);
  }
  return unseen;
}
