import { effect, signal } from "@preact/signals";
import { api } from "../api/client";
import type { QueueItem, Zone } from "../api/types";
import { connected, zone } from "./live";
import { PagedList } from "./pages";
import { shift } from "./shift";
import { attempt } from "./toasts";

// The queue of the zone that this browser controls, page by page.

export interface QueueView {
  zone: string;
  list: PagedList<QueueItem>;
}

export const queue = signal<QueueView | null>(null);
let revision = -1;

/** Follows the zone: another zone is another list, a new revision asks again. */
export function keepQueue(): void {
  effect(() => {
    const z: Zone | null = connected.value ? zone.value : null;
    const shown = queue.peek();
    if (!z) return;
    if (shown?.zone !== z.id) {
      shown?.list.close();
      revision = z.revision;
      queue.value = { zone: z.id, list: openQueue(z.id) };
    } else if (z.revision !== revision) {
      revision = z.revision;
      shown.list.refresh();
    }
  });
}

function openQueue(id: string): PagedList<QueueItem> {
  return new PagedList(async (offset, limit, signal) => {
    const page = await api.queue(id, { offset, limit }, signal);
    return { items: page.items, total: page.length, offset: page.offset };
  });
}

/** Where an entry is now: others change the queue, too, and it moves on by itself. */
export function indexOf(entry: string): number {
  return queue.value?.list.find((i) => i.id === entry) ?? -1;
}

/**
 * Puts an entry in front of the one at to (which may be the length): shown at
 * once, asked again when the gateway refuses.
 */
export async function moveEntry(entry: string, to: number): Promise<void> {
  const q = queue.value;
  const from = indexOf(entry);
  if (!q || from < 0 || to === from || to === from + 1) return;
  const before = q.list.at(to)?.id ?? "";
  q.list.edit((items) => shift(items, from, to));
  await attempt(() => api.moveInQueue(q.zone, [entry], before), () => q.list.refresh());
}

export async function removeEntry(entry: string): Promise<void> {
  const q = queue.value;
  const index = indexOf(entry);
  if (!q || index < 0) return;
  const total = q.list.total.value ?? 0;
  q.list.edit((items) => {
    shift(items, index, total);
    items.delete(total - 1);
  }, -1);
  await attempt(() => api.removeFromQueue(q.zone, entry), () => {
    q.list.total.value = total;
    q.list.refresh();
  });
}

export async function clearQueue(): Promise<void> {
  const q = queue.value;
  if (q) await attempt(() => api.clearQueue(q.zone));
}

export async function saveQueue(name: string): Promise<boolean> {
  const q = queue.value;
  if (!q) return false;
  return (await attempt(() => api.createPlaylist({ name, zone: q.zone }))) !== undefined;
}
