import { useEffect, useState } from "preact/hooks";
import type { Zone } from "../../api/types";
import { clockTime, t } from "../../i18n";
import { connected } from "../../state/live";
import { heard, seek } from "../../state/player";
import { Slider } from "../../ui/Slider";

/** Where the music is, drawn on from the last word of the gateway. */
export function usePosition(z: Zone): number {
  const [at, setAt] = useState(() => heard(z));
  useEffect(() => {
    setAt(heard(z));
    if (z.state !== "playing") return;
    const timer = setInterval(() => setAt(heard(z)), 250);
    return () => clearInterval(timer);
  }, [z]);
  return at;
}

export function Scrubber({ zone: z }: { zone: Zone }) {
  const at = usePosition(z);
  const [held, setHeld] = useState<number | null>(null);
  const total = z.track?.durationMs ?? 0;
  const shown = held ?? at;
  if (z.track?.live) return <p class="live">{t("track.live")}</p>;
  return (
    <div class="scrubber">
      <Slider
        label={t("playing.position")}
        value={shown}
        max={total}
        step={1000}
        text={(v) => t("playing.position.value", { at: clockTime(v), total: clockTime(total) })}
        disabled={!connected.value || !z.track}
        onMove={setHeld}
        onSet={(v) => {
          setHeld(null);
          void seek(v);
        }}
      />
      <div class="times" aria-hidden="true">
        <span>{clockTime(shown)}</span>
        <span>{clockTime(total)}</span>
      </div>
    </div>
  );
}
