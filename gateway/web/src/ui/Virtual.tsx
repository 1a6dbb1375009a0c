import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PagedList } from "../state/pages";

interface Props<T> {
  list: PagedList<T>;
  label: string;
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
 * scrolls with the nearest .scroller; rows are of equal height.
 */
export function Virtual<T>({ list, label, rowHeight, columnWidth, gap = 0, item, itemClass }: Props<T>) {
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

  const shown: number[] = [];
  for (let i = first; i < last; i++) shown.push(i);
  return (
    <div ref={ref} class="virtual" role="list" aria-label={label} style={{ height: `${Math.max(0, rows * (height + gap) - gap)}px` }}>
      {view.width > 0 &&
        shown.map((i) => {
          const value = list.at(i);
          return (
            <div
              key={i}
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
