import { useState } from "preact/hooks";
import { coverURL } from "../api/client";

interface Props {
  cover: string | null;
  /** What the cover stands for, for the drawn one. */
  title: string;
  size: 96 | 320 | 640;
  class?: string;
  eager?: boolean;
}

/** A cover, or a drawn one where there is none; the text beside it names it. */
export function Cover({ cover, title, size, class: extra = "", eager }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  if (!cover || broken === cover) return <DrawnCover title={title} class={extra} />;
  return (
    <img
      class={`cover ${extra}`}
      src={coverURL(cover, size)}
      alt=""
      width={size}
      height={size}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      draggable={false}
      onError={() => setBroken(cover)}
    />
  );
}

function DrawnCover({ title, class: extra }: { title: string; class: string }) {
  const n = hash(title);
  const turn = (n % 60) - 30;
  return (
    <svg class={`cover drawn drawn-${n % 5} ${extra}`} viewBox="0 0 100 100" aria-hidden="true">
      <rect width="100" height="100" />
      <g fill="none" transform={`rotate(${turn} 50 50)`}>
        <ellipse cx="50" cy="50" rx="20" ry="34" stroke-width="3" />
        <ellipse cx="50" cy="50" rx="13" ry="25" stroke-width="1.5" opacity=".6" />
        <path d="M-20 50h62M62 50h60" stroke-width="3" />
      </g>
    </svg>
  );
}

function hash(text: string): number {
  let h = 7;
  for (const c of text) h = (h * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return h;
}
