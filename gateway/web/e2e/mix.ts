import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Album, Zone } from "../src/api/types";
import { sure, view } from "./harness";

interface Entry {
  id: string;
  by: string;
}

/** The queue has a mix switch: the picks to come change places, and go back to them. */
export async function mixSortsTheQueue(page: Page): Promise<void> {
  const ask = <T>(path: string, method = "GET", body?: unknown) =>
    page.evaluate(
      async ([p, m, b]) => {
        const r = await fetch(`/api/v1${p}`, { method: m, headers: { "content-type": "application/json" }, ...(b ? { body: b } : {}) });
        return r.json() as Promise<unknown>;
      },
      [path, method, body ? JSON.stringify(body) : ""] as const,
    ) as Promise<T>;
  const zone = async () => sure((await ask<{ items: Zone[] }>("/zones")).items[0]);
  const { id, state } = await zone();
  await ask(`/zones/${id}/pause`, "POST"); // nothing moves on meanwhile
  const { items } = await ask<{ items: Album[] }>("/albums?limit=3");
  for (const album of items.reverse()) await ask(`/zones/${id}/queue`, "POST", { album: album.id, at: "end" });
  const ahead = async () => {
    const q = await ask<{ index: number; items: Entry[] }>(`/zones/${id}/queue?offset=0&limit=500`);
    return q.items.slice(q.index + 1).flatMap((x) => (x.by === "picked" ? [x.id] : []));
  };
  await view(page, "#/queue");
  const picked = await ahead();
  const mix = page.getByRole("button", { name: /^Mix/ });
  await mix.click();
  await expect.poll(() => mix.getAttribute("aria-pressed")).toBe("true");
  await expect.poll(async () => (await zone()).mix).toBe(true);
  await expect.poll(ahead).not.toEqual(picked);
  expect((await ahead()).sort()).toEqual([...picked].sort());
  await mix.click();
  await expect.poll(() => mix.getAttribute("aria-pressed")).toBe("false");
  await expect.poll(ahead).toEqual(picked);
  if (state === "playing") await ask(`/zones/${id}/play`, "POST");
}
