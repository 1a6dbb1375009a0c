import { signal, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useMemo } from "preact/hooks";
import type { QueueItem } from "../../api/types";
import { t } from "../../i18n";
import type { PagedList } from "../../state/pages";
import { indexOf, moveEntry } from "../../state/queue";
import { rowHeight } from "./QueueRow";

// Reordering by a grip: dragged with finger or mouse, or moved by arrow keys.

export interface Hold {
  /** The id of what is held: its index may change meanwhile. */
  entry: string;
  /** The gap where it would drop: in front of the entry with this index. */
  to: number;
}

export interface Reorder {
  hold: Signal<Hold | null>;
  said: Signal<string>;
  grab: (e: PointerEvent, entry: string) => void;
  nudge: (entry: string, by: -1 | 1) => void;
  /** The class of a row while something is held. */
  place: (index: number) => string;
}

const edge = 70; // px from the edge of the scroller where it scrolls by itself

export function useReorder(box: RefObject<HTMLElement | null>, list: PagedList<QueueItem>): Reorder {
  return useMemo(() => {
    const hold = signal<Hold | null>(null);
    const said = signal("");
    return {
      hold,
      said,
      grab: (e, entry) => drag(e, entry, box, list, hold),
      nudge(entry, by) {
        const total = list.total.value ?? 0;
        const index = indexOf(entry);
        const target = index + by;
        const item = list.at(index);
        if (!item || target < 0 || target >= total) return;
        void moveEntry(entry, by < 0 ? target : target + 1);
        said.value = t("queue.moved", { title: item.track.title, n: target + 1 });
        requestAnimationFrame(() => requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-key="${entry}"] .grip`)?.focus()));
      },
      place(index) {
        const h = hold.value;
        if (!h) return "";
        if (list.at(index)?.id === h.entry) return "is-held";
        if (index === h.to) return "drop-before";
        return index === h.to - 1 ? "drop-after" : "";
      },
    };
  }, [box, list]);
}

function drag(e: PointerEvent, entry: string, box: RefObject<HTMLElement | null>, list: PagedList<QueueItem>, hold: Signal<Hold | null>): void {
  const grip = e.currentTarget;
  const scroller = box.current?.closest<HTMLElement>(".scroller");
  const rows = box.current?.querySelector<HTMLElement>(".virtual");
  if (!(grip instanceof HTMLElement) || !scroller || !rows || e.button !== 0) return;
  e.preventDefault();
  let y = e.clientY;
  hold.value = { entry, to: indexOf(entry) };
  const aim = () => {
    const row = (y - rows.getBoundingClientRect().top) / rowHeight;
    const to = Math.max(0, Math.min(list.total.value ?? 0, Math.round(row)));
    if (hold.value?.to !== to) hold.value = { entry, to };
  };
  const scroll = setInterval(() => {
    const r = scroller.getBoundingClientRect();
    const by = y < r.top + edge ? -12 : y > r.bottom - edge ? 12 : 0;
    if (by) {
      scroller.scrollBy(0, by);
      aim();
    }
  }, 16);
  const move = (m: PointerEvent) => {
    y = m.clientY;
    aim();
  };
  const end = (m: PointerEvent) => {
    clearInterval(scroll);
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    const h = hold.value;
    hold.value = null;
    if (h && m.type === "pointerup") void moveEntry(h.entry, h.to);
  };
  // On the document: the row itself may be scrolled out of the page.
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}
