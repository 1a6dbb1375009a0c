import { signal, type Signal } from "@preact/signals";
import type { Page } from "../api/types";
import { aborted } from "../api/http";

const pageSize = 100;

/**
 * A long list that is fetched by the page as it comes into sight, and kept in
 * memory for as long as its owner lives.
 */
export class PagedList<T> {
  /** How many there are; undefined until the first answer. */
  readonly total: Signal<number | undefined> = signal(undefined);
  readonly error: Signal<unknown> = signal(undefined);
  /** Counts arrivals, for what draws the items. */
  readonly version = signal(0);
  readonly #fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Page<T>>;
  #items = new Map<number, T>();
  #stale = new Map<number, T>();
  #asked = new Set<number>();
  #abort = new AbortController();

  constructor(fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  at(index: number): T | undefined {
    return this.#items.get(index) ?? this.#stale.get(index);
  }

  /** Where an item is, among those that are known; -1 if it is not. */
  find(is: (item: T) => boolean): number {
    for (const items of [this.#items, this.#stale]) {
      for (const [index, item] of items) if (is(item)) return index;
    }
    return -1;
  }

  /** Sees to it that the items from first to last (exclusive) come. */
  need(first: number, last: number): void {
    const to = Math.max(first + 1, last);
    for (let page = Math.floor(Math.max(0, first) / pageSize); page * pageSize < to; page++) {
      if (!this.#asked.has(page)) void this.#load(page);
    }
  }

  /** Asks again for what is in sight; what is shown stays until it comes. */
  refresh(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#asked.clear();
    for (const [k, v] of this.#items) this.#stale.set(k, v);
    this.#items.clear();
    this.#touch();
  }

  /** Reorders or drops what is known, before the gateway has said so. */
  edit(change: (items: Map<number, T>) => void, by = 0): void {
    const all = new Map([...this.#stale, ...this.#items]);
    change(all);
    this.#items = all;
    this.#stale = new Map();
    const total = this.total.peek();
    if (total !== undefined) this.total.value = total + by;
    this.#touch();
  }

  // Peeked, so that an effect that refreshes a list does not wait for itself.
  #touch(): void {
    this.version.value = this.version.peek() + 1;
  }

  close(): void {
    this.#abort.abort();
  }

  async #load(page: number): Promise<void> {
    this.#asked.add(page);
    const abort = this.#abort.signal;
    try {
      const answer = await this.#fetch(page * pageSize, pageSize, abort);
      if (abort.aborted) return;
      answer.items.forEach((item, i) => {
        this.#items.set(answer.offset + i, item);
        this.#stale.delete(answer.offset + i);
      });
      this.total.value = answer.total;
      this.error.value = undefined;
      this.#touch();
    } catch (err) {
      if (aborted(err) || abort.aborted) return;
      this.error.value = err;
      setTimeout(() => {
        this.#asked.delete(page);
        this.#touch();
      }, 3000);
    }
  }
}
