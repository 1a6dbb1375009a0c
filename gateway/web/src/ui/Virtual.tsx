import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PagedList } from "../state/pages";
import { focusIn, heldIn, itemOf, stepFor, stopAt } from "./roving";

interface Props<T> {
  list: PagedList<T>;
  label: string;
  /** What an item is known by: it stays the same row when it moves. */
  keyOf: (value: T) => string;
  /** The height of a row, in px, for the width of a column. */
  rowHeight: (columnWidth: number) => number;
  /** At least this wide is a column; left out, there is one. */
  columnWidth?: number;
  gap?: number;
  item: (value: T | undefined, index: number) => ComponentChildren;
  itemClass?: (value: T | undefined, index: number) => string;
}

const overscan = 6;

/**
 * A list of any length, of which only what is in sight is in the page. It
 * scrolls with the nearest .scroller; rows are of equal height. What has the
 * focus stays in the page, wherever it is scrolled to.
 */
export function Virtual<T>({ list, label, keyOf, rowHeight, columnWidth, gap = 0, item, itemClass }: Props<T>) {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ width: 0, top: 0, height: 800 });
  const total = list.total.value ?? 0;

  useLayoutEffect(() => {
    const box = ref.current;
    const scroller = box?.closest<HTMLElement>(".scroller");
    if (!box || !scroller) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const top = scroller.getBoundingClientRect().top - box.getBoundingClientRect().top;
      const next = { width: box.clientWidth, top: Math.round(top), height: scroller.clientHeight };
      setView((v) => (v.width === next.width && v.top === next.top && v.height === next.height ? v : next));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    scroller.addEventListener("scroll", soon, { passive: true });
    const resize = new ResizeObserver(soon);
    resize.observe(box);
    resize.observe(scroller);
    return () => {
      cancelAnimationFrame(frame);
      scroller.removeEventListener("scroll", soon);
      resize.disconnect();
    };
  }, [list]);

  const columns = columnWidth ? Math.max(2, Math.floor((view.width + gap) / (columnWidth + gap))) : 1;
  const width = (view.width - gap * (columns - 1)) / columns;
  const height = rowHeight(width);
  const rows = Math.ceil(total / columns);
  const firstRow = Math.max(0, Math.floor(view.top / (height + gap)) - overscan);
  const lastRow = Math.min(rows, Math.ceil((view.top + view.height) / (height + gap)) + overscan);
  const first = firstRow * columns;
  const last = Math.min(total, lastRow * columns);
  const version = list.version.value;

  useLayoutEffect(() => {
    list.need(first, Math.max(last, first + 1));
  }, [list, first, last, version]);

  // Where a key leads, until the focus is there.
  const [goal, setGoal] = useState<{ index: number; control: number } | null>(null);
  const entered = useRef({ index: 0, control: 0 });
  const held = heldIn(ref.current);
  const focused = goal?.index ?? (held && (within(list, keyOf, held.key, first, last) ?? held.index));

  const shown: number[] = [];
  for (let i = first; i < last; i++) shown.push(i);
  if (focused !== null && focused < first) shown.unshift(focused);
  if (focused !== null && focused >= last && focused < total) shown.push(focused);

  const inSight = Math.ceil(Math.max(0, view.top) / (height + gap)) * columns;
  const screen = Math.max(1, Math.floor(view.height / (height + gap)) - 1) * columns;
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    const item = goal && itemOf(box, "", goal.index);
    if (item) {
      focusIn(item, goal.control);
      item.scrollIntoView({ block: "nearest" });
      setGoal(null);
    } else if (held && !box.contains(document.activeElement)) {
      // Its row has moved, or has gone and left its place to the next.
      const next = itemOf(box, held.key, held.index);
      if (next) focusIn(next, held.control < 0 ? entered.current.control : held.control);
    }
    const last = entered.current.index;
    stopAt(box, heldIn(box)?.index ?? (last >= inSight && last <= inSight + screen ? last : inSight));
  });

  const keys = new Set<string>();
  return (
    <div
      ref={ref}
      class="virtual"
      role="list"
      aria-label={label}
      style={{ height: `${Math.max(0, rows * (height + gap) - gap)}px` }}
      onFocusIn={(e) => {
        const at = heldIn(e.currentTarget);
        if (!at) return;
        if (at.control >= 0) entered.current = at;
        stopAt(e.currentTarget, at.index);
      }}
      onKeyDown={(e) => {
        const at = heldIn(e.currentTarget);
        if (!at || e.defaultPrevented || e.shiftKey || e.ctrlKey || e.metaKey || e.altKey) return;
        const to = stepFor(e.key, at.index, { total, columns, screen });
        if (to === undefined) return;
        e.preventDefault();
        e.stopPropagation();
        setGoal({ index: to, control: entered.current.control });
      }}
    >
      {view.width > 0 &&
        shown.map((i) => {
          const value = list.at(i);
          let key = value === undefined ? `#${i}` : keyOf(value);
          if (keys.has(key)) key = `#${i}`; // twice in a playlist, or already moved in half of the list
          keys.add(key);
          return (
            <div
              key={key}
              data-key={key}
              data-index={i}
              tabIndex={-1}
              role="listitem"
              aria-setsize={total}
              aria-posinset={i + 1}
              class={`virtual-item ${itemClass?.(value, i) ?? ""}`}
              style={{
                width: `${width}px`,
                height: `${height}px`,
                transform: `translate(${(i % columns) * (width + gap)}px, ${Math.floor(i / columns) * (height + gap)}px)`,
              }}
            >
              {item(value, i)}
            </div>
          );
        })}
    </div>
  );
}

/** Where the item with the key is, from first to last (exclusive). */
function within<T>(list: PagedList<T>, keyOf: (value: T) => string, key: string, first: number, last: number): number | undefined {
  for (let i = first; i < last; i++) {
    const value = list.at(i);
    if (value !== undefined && keyOf(value) === key) return i;
  }
  return undefined;
}
