import { useEffect, useRef } from "preact/hooks";
import type { Zone } from "../../api/types";
import { landing } from "../../state/player";
import { Cover } from "../../ui/Cover";
import { tint } from "../../ui/tint";

/**
 * The cover in front of the gate. The ring takes the cover's colour; at a
 * JUMP it sweeps over it, and another cover comes out.
 */
export function Stage({ zone: z }: { zone: Zone }) {
  const box = useRef<HTMLDivElement>(null);
  const cover = z.track?.cover ?? null;
  useEffect(() => {
    let gone = false;
    void tint(cover).then((colour) => {
      if (gone || !box.current) return;
      const root = document.documentElement.style;
      if (colour) root.setProperty("--tint", colour);
      else root.removeProperty("--tint");
    });
    return () => {
      gone = true;
    };
  }, [cover]);
  const l = landing.value;
  return (
    <div ref={box} class={`stage ${z.state === "playing" ? "is-playing" : ""} ${l ? `is-${l.state}` : ""}`}>
      <svg class="stage-ring back" viewBox="0 0 200 200" aria-hidden="true" fill="none">
        <ellipse cx="100" cy="100" rx="80" ry="104" transform="rotate(30 100 100)" />
        <ellipse cx="100" cy="100" rx="74" ry="99" transform="rotate(30 100 100)" opacity=".45" />
      </svg>
      {z.track && <Cover key={z.track.id} cover={cover} title={z.track.album || z.track.title} size={640} class="stage-cover" eager />}
      <svg key={l?.n ?? 0} class="stage-ring front" viewBox="0 0 200 200" aria-hidden="true" fill="none">
        <ellipse cx="100" cy="100" rx="74" ry="98" transform="rotate(24 100 100)" />
      </svg>
    </div>
  );
}
