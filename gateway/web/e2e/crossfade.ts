import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Zone } from "../src/api/types";

/** The crossfade of a zone is chosen among the speakers, and the gateway keeps it. */
export async function crossfadeIsKept(page: Page, zone: () => Promise<Zone>): Promise<void> {
  const choice = page.locator(".zone-card.is-chosen .crossfade select");
  for (const seconds of [6, 0]) {
    await choice.selectOption(String(seconds));
    await expect.poll(async () => (await zone()).crossfadeMs).toBe(1000 * seconds);
  }
}
