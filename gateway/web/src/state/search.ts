import { signal } from "@preact/signals";
import { api } from "../api/client";
import { aborted } from "../api/http";
import type { SearchResult } from "../api/types";

// Search as you type: asked a moment after the last letter, and an older
// question never overtakes a newer one.

export interface Found {
  q: string;
  result: SearchResult | null;
  error: unknown;
}

const pause = 140;
const limit = 30;

export const found = signal<Found>({ q: "", result: null, error: undefined });
let timer: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;

export function search(text: string): void {
  const q = text.trim();
  if (q === found.value.q) return;
  clearTimeout(timer);
  running?.abort();
  // What was found before stays in sight until the new answer is there.
  found.value = { q, result: q ? found.value.result : null, error: undefined };
  if (q) timer = setTimeout(() => void ask(q), pause);
}

async function ask(q: string): Promise<void> {
  const mine = (running = new AbortController());
  try {
    const result = await api.search(q, limit, mine.signal);
    if (!mine.signal.aborted) found.value = { q, result, error: undefined };
  } catch (err) {
    if (!aborted(err) && !mine.signal.aborted) found.value = { q, result: null, error: err };
  }
}
