import { useId } from "preact/hooks";
import { connected } from "../state/live";

interface Props {
  label: string;
  hint?: string;
  on: boolean;
  set: (on: boolean) => unknown;
}

/** Something that is on or off, with a sentence on what that means. */
export function Switch({ label, hint, on, set }: Props) {
  const id = useId();
  return (
    <button type="button" role="switch" class="switch" aria-checked={on} aria-labelledby={id} aria-describedby={hint ? `${id}-hint` : undefined} disabled={!connected.value} onClick={() => void set(!on)}>
      <span class="switch-text">
        <span id={id}>{label}</span>
        {hint && (
          <span class="quiet" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </span>
      <span class="switch-track" aria-hidden="true" />
    </button>
  );
}
