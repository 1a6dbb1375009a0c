import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axe, phone, shoot, smallTargets, view } from "./harness";

/** Dialogs open by key and tap, keep the focus in, and give it back. */
export async function dialogsHoldTheFocus(page: Page): Promise<void> {
  const close = async () => {
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  };
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await view(page, "#/queue");
  await page.locator("#content").focus();
  await page.keyboard.press("?");
  await page.locator("dialog .keys").waitFor();
  expect(await axe(page)).toEqual([]);
  await shoot(page, "keys-phone-dark");
  await close();

  const more = page.locator(".queue-row.is-current .icon-button").first();
  const label = await more.getAttribute("aria-label");
  await more.click();
  await page.locator("dialog .sheet-actions").waitFor();
  for (let i = 0; i < 15; i++) await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null)).toBe(true);
  expect(await axe(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  await shoot(page, "track-sheet-phone-dark");
  await close();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(label);

  await page.locator(".zone-switcher").click();
  await page.locator("dialog .sheet-actions").waitFor();
  expect(await axe(page)).toEqual([]);
  await close();
  await view(page, "#/speakers");
  await page.getByRole("button", { name: "Add by address" }).click();
  await page.locator("dialog input:not([type=radio])").waitFor();
  expect(await axe(page)).toEqual([]);
  await shoot(page, "add-device-phone-dark");
  await close();
}
