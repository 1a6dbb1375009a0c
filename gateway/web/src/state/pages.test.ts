import { describe, expect, it, vi } from "vitest";
import { PagedList } from "./pages";

function numbers(total: number) {
  const fetch = vi.fn((offset: number, limit: number) =>
    Promise.resolve({ items: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => offset + i), total, offset }),
  );
  return { fetch, list: new PagedList<number>(fetch) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("PagedList", () => {
  it("asks for each page once, as it comes into sight", async () => {
    const { fetch, list } = numbers(30_000);
    list.need(0, 20);
    await settle();
    expect(list.total.value).toBe(30_000);
    list.need(0, 90);
    list.need(25_050, 25_060);
    await settle();
    expect(fetch.mock.calls.map(([offset]) => offset)).toEqual([0, 25_000]);
    expect(list.at(25_055)).toBe(25_055);
    expect(list.at(500)).toBeUndefined();
  });

  it("shows the old until the new has come", async () => {
    const { fetch, list } = numbers(50);
    list.need(0, 10);
    await settle();
    list.refresh();
    expect(list.at(3)).toBe(3);
    list.need(0, 10);
    await settle();
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("passes over the answer to a question that was overtaken", async () => {
    let answer: (page: { items: number[]; total: number; offset: number }) => void = () => undefined;
    const list = new PagedList<number>(() => new Promise((resolve) => (answer = resolve)));
    list.need(0, 1);
    const old = answer;
    list.refresh();
    list.need(0, 1);
    answer({ items: [2], total: 1, offset: 0 });
    old({ items: [1], total: 9, offset: 0 });
    await settle();
    expect(list.at(0)).toBe(2);
    expect(list.total.value).toBe(1);
  });
});
