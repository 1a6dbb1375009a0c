import { useState } from "preact/hooks";

interface Props {
  label: string;
  value: number;
  max: number;
  step?: number;
  /** What a screen reader says for a value. */
  text?: (value: number) => string;
  /** While the finger moves. */
  onMove?: (value: number) => void;
  /** When it lets go. */
  onSet?: (value: number) => void;
  disabled?: boolean;
  class?: string;
}

/** A range with a filled part; the browser's own keys and touch. */
export function Slider({ label, value, max, step = 1, text, onMove, onSet, disabled, class: extra = "" }: Props) {
  const [held, setHeld] = useState<number | null>(null);
  const shown = held ?? value;
  const fill = max > 0 ? Math.min(100, (shown / max) * 100) : 0;
  return (
    <input
      type="range"
      class={`slider ${extra}`}
      aria-label={label}
      aria-valuetext={text?.(shown)}
      min={0}
      max={max}
      step={step}
      value={shown}
      disabled={disabled}
      style={{ "--fill": `${fill}%` }}
      onInput={(e) => {
        const v = e.currentTarget.valueAsNumber;
        setHeld(v);
        onMove?.(v);
      }}
      onChange={(e) => {
        setHeld(null);
        onSet?.(e.currentTarget.valueAsNumber);
      }}
    />
  );
}
