import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Zone } from "../src/api/types";
import { axe, desktop, phone, shoot, smallTargets, view } from "./harness";

/** The name on the button is where it leads. */
export async function jumpKeepsItsWord(page: Page): Promise<void> {
  const where = page.locator(".jump-where");
  await expect.poll(() => where.textContent(), { timeout: 20_000 }).toMatch(/^to ./);
  await shoot(page, "jump-to-phone-dark");
  const to = (await where.textContent())?.slice(3) ?? "";
  await page.locator(".jump").click();
  await expect.poll(() => where.textContent()).toBe(`Landed in ${to}`);
}

/** Somebody new listens along, and guests teach nobody. */
export async function listenersJoin(page: Page, account: string, zone: () => Promise<Zone>): Promise<void> {
  await page.setViewportSize(phone);
  await view(page, "#/playing");
  const names = page.locator(".who-names");
  await expect.poll(() => names.textContent()).toMatch(new RegExp(account, "i"));
  await page.locator(".who").click();
  await page.getByRole("button", { name: "Add a listener" }).click();
  await page.locator("dialog input").fill("Robin");
  await page.locator("dialog button[type=submit]").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator(".who").click();
  await page.locator("dialog .sheet-actions button", { hasText: "Robin" }).click();
  await expect.poll(async () => (await zone()).listeners.length).toBe(2);
  const learn = page.getByRole("switch", { name: "Learn from what plays here" });
  await learn.click();
  await expect.poll(async () => (await zone()).learning).toBe(false);
  expect(await axe(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  await shoot(page, "who-phone-dark");
  await learn.click();
  await expect.poll(async () => (await zone()).learning).toBe(true);
  await page.keyboard.press("Escape");
  await expect.poll(() => names.textContent()).toMatch(/ and Robin$/);
}

type Get = <T>(path: string) => Promise<T>;

/** What is known is seen, a wish is kept, and plays are taken back. */
export async function tasteIsCorrected(page: Page, get: Get): Promise<void> {
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    await page.setViewportSize(viewport);
    await view(page, "#/settings");
    await page.locator(".sheet-actions a").first().click();
    await page.locator("#taste-known").waitFor();
    await page.waitForTimeout(350);
    expect(await axe(page)).toEqual([]);
    if (size === "phone") expect(await smallTargets(page)).toEqual([]);
    await shoot(page, `taste-${size}-dark`);
  }
  const [me] = (await get<{ items: { id: string }[] }>("/listeners")).items;
  const first = page.locator(".leanings li").first().getByRole("button", { name: /^Never play/ });
  if (await first.count()) {
    // What is not wanted moves to the end of the list.
    const ban = page.locator(`.leanings [aria-label="${(await first.getAttribute("aria-label")) ?? ""}"]`);
    await ban.click();
    await expect.poll(() => ban.getAttribute("aria-pressed")).toBe("true");
    const taste = await get<{ wishes: { wish: string }[] }>(`/listeners/${me?.id ?? ""}/taste`);
    expect(taste.wishes[0]?.wish).toBe("ban");
    await ban.click();
    await expect.poll(() => ban.getAttribute("aria-pressed")).toBe("false");
  }
  await page.getByRole("button", { name: "The last hour" }).click();
  await page.locator("dialog .danger").click();
  await page.locator(".toast", { hasText: "taken back" }).waitFor();
  await page.setViewportSize(phone);
}

/** Every track comes back, each with a sentence on why it stands there. */
export async function listsAreMixed(page: Page): Promise<void> {
  await view(page, "#/library/albums");
  await page.locator(".card a").first().click();
  const titles = () => page.locator(".album-tracks .row-title").allTextContents();
  await page.locator(".album-tracks .row-title").first().waitFor();
  const before = await titles();
  const mix = page.getByRole("button", { name: "Mix" });
  await mix.click();
  await page.locator(".album-tracks .row-sub", { hasText: /\.$/ }).first().waitFor();
  expect((await titles()).sort()).toEqual([...before].sort());
  expect(await axe(page)).toEqual([]);
  await shoot(page, "mix-phone-dark");
  await mix.click();
  await expect.poll(titles).toEqual(before);
  await libraryIsMixed(page);
  await chartIsMixed(page);
}

/** The shelf of all tracks is a list like any other. */
async function libraryIsMixed(page: Page): Promise<void> {
  await view(page, "#/library/tracks");
  const titles = () => page.locator(".virtual .row-title").allTextContents();
  await page.locator(".virtual .row-title").first().waitFor();
  const before = await titles();
  const mix = page.getByRole("button", { name: "Mix" });
  await mix.click();
  await page.locator(".virtual .row-sub", { hasText: /\.$/ }).first().waitFor();
  expect(await mix.getAttribute("aria-pressed")).toBe("true");
  expect(await titles()).not.toEqual(before);
  expect(await axe(page)).toEqual([]);
  await shoot(page, "mix-library-phone-dark");
  await mix.click();
  await expect.poll(titles).toEqual(before);
}

/** So is the chart; and every line of it says why, mixed or not. */
async function chartIsMixed(page: Page): Promise<void> {
  await view(page, "#/library/chart");
  const titles = () => page.locator(".chart .row-title").allTextContents();
  await page.locator(".chart, .empty").first().waitFor();
  const before = await titles();
  const unexplained = page.locator(".chart .row-sub", { hasNotText: /\.$/ });
  expect(await unexplained.count()).toBe(0);
  const mix = page.getByRole("button", { name: "Mix" });
  if (before.length < 2) { // a real gateway that was hardly listened to
    expect(await mix.count()).toBe(0);
    return;
  }
  const answered = page.waitForResponse((r) => r.url().endsWith("/mix"));
  await mix.click();
  await answered;
  await expect.poll(() => mix.getAttribute("aria-pressed")).toBe("true");
  expect((await titles()).sort()).toEqual([...before].sort());
  expect(await unexplained.count()).toBe(0);
  expect(await axe(page)).toEqual([]);
  await mix.click();
  await expect.poll(titles).toEqual(before);
}
