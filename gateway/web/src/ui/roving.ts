// The keyboard in a list of which only a part is in the page: the whole list is
// one stop of the Tab key, so that what comes after it can be reached, and the
// arrow keys lead through it.

export interface Extent {
  total: number;
  columns: number;
  /** How many items are in sight. */
  screen: number;
}

/** The item that a key leads to from the one at index; undefined where it leads nowhere. */
export function stepFor(key: string, index: number, { total, columns, screen }: Extent): number | undefined {
  const by: Record<string, number> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: screen,
    PageUp: -screen,
    Home: -index,
    End: total - 1 - index,
    ...(columns > 1 && { ArrowRight: 1, ArrowLeft: -1 }),
  };
  const step = by[key];
  if (step === undefined) return undefined;
  const far = key.startsWith("Page");
  const to = far ? Math.max(0, Math.min(total - 1, index + step)) : index + step;
  return to === index || to < 0 || to >= total ? undefined : to;
}

/** Where the focus is: which item, and which of its controls. */
export interface Held {
  key: string;
  index: number;
  control: number;
}

function controls(item: Element): HTMLElement[] {
  return [...item.querySelectorAll<HTMLElement>("a[href], button")];
}

export function heldIn(box: HTMLElement | null): Held | null {
  const focused = document.activeElement as HTMLElement | null;
  const item = focused?.closest<HTMLElement>(".virtual-item");
  if (!focused || item?.parentElement !== box) return null;
  return { key: item.dataset["key"] ?? "", index: Number(item.dataset["index"]), control: controls(item).indexOf(focused) };
}

/** The item that has the key, or else stands at the index, or as near to it as there is one. */
export function itemOf(box: HTMLElement, key: string, index: number): HTMLElement | undefined {
  const items = [...box.children] as HTMLElement[];
  const at = (i: HTMLElement) => Number(i.dataset["index"]);
  return items.find((i) => i.dataset["key"] === key) ?? items.find((i) => at(i) === index) ?? items.filter((i) => at(i) < index).at(-1);
}

/** Focuses one of an item's controls; the item itself until it has some. */
export function focusIn(item: HTMLElement, control: number): void {
  const all = controls(item);
  (all[Math.max(0, Math.min(control, all.length - 1))] ?? item).focus({ preventScroll: true });
}

/** Lets the Tab key stop at one item's controls only. */
export function stopAt(box: HTMLElement, index: number): void {
  for (const item of box.children as HTMLCollectionOf<HTMLElement>) {
    const tabIndex = Number(item.dataset["index"]) === index ? 0 : -1;
    for (const c of controls(item)) c.tabIndex = tabIndex;
  }
}
