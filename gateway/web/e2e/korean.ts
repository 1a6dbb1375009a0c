import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axe, desktop, phone, shoot, view } from "./harness";

/** Turns the page to Korean; why the flow plays this, and where a JUMP led, is said in it too. */
export async function speaksKorean(page: Page): Promise<void> {
  await view(page, "#/settings");
  await page.getByRole("radio", { name: "한국어" }).check();
  await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("ko");
  await shoot(page, "settings-phone-dark-ko");
  await view(page, "#/playing");
  await page.locator(".jump").click();
  await expect.poll(() => page.locator(".jump-where").textContent()).toMatch(/^도착한 곳: ./);
  await expect.poll(() => page.locator(".why.is-flow > span:last-child").textContent()).toMatch(/[가-힣]\.$/);
  await page.waitForTimeout(400);
  await shoot(page, "playing-phone-dark-ko");
  await page.setViewportSize(desktop);
  await view(page, "#/playing");
  await page.waitForTimeout(400);
  await shoot(page, "playing-desktop-dark-ko");
  await page.setViewportSize(phone);
}

/** What the gateway refuses is said in the dialog that asked for it. */
export async function refusesInKorean(page: Page): Promise<void> {
  await view(page, "#/speakers");
  await page.getByRole("button", { name: "주소로 추가" }).click();
  await page.locator("dialog input[required]").fill("300.1.2.3");
  await page.locator("dialog button[type=submit]").click();
  await expect.poll(() => page.locator("dialog .problem").textContent()).toMatch(/^300\.1\.2\.3: .*요\.$/);
  await shoot(page, "refused-phone-dark-ko");
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
}
