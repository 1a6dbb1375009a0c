import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axe, shoot, view } from "./harness";

/** A player is paired by the digits that it shows: wrong ones first, then its own. */
export async function pairsAPlayer(page: Page): Promise<void> {
  await view(page, "#/speakers");
  const shelf = page.locator(".device", { hasText: "Study shelf" });
  await shelf.getByRole("button", { name: "Pair", exact: true }).click();
  expect(await axe(page)).toEqual([]);
  await shoot(page, "pair-phone-dark");
  await page.locator("dialog button[type=submit]").click();
  const code = page.locator("dialog input[inputmode=numeric]");
  await code.fill("111 111");
  await page.locator("dialog button[type=submit]").click();
  await page.locator("dialog .problem", { hasText: "other digits" }).waitFor();
  expect(await axe(page)).toEqual([]);
  await shoot(page, "pair-code-phone-dark");
  await code.fill("246 810");
  await page.locator("dialog button[type=submit]").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await shelf.locator(".badge", { hasText: "Paired" }).waitFor();
  await expect.poll(() => shelf.getByRole("button", { name: "Let it control" }).count()).toBe(0);
}
