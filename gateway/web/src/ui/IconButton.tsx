import { connected } from "../state/live";
import { Icon, type IconName } from "./icons";

interface Props {
  icon: IconName;
  label: string;
  onClick: () => unknown;
  /** For a switch: whether it is on. */
  pressed?: boolean;
  /** For what shows more in place: whether it does. */
  expanded?: boolean;
  /** Works without the gateway; everything else rests while it is away. */
  local?: boolean;
  disabled?: boolean;
  class?: string;
  size?: number;
}

export function IconButton({ icon, label, onClick, pressed, expanded, local, disabled, class: extra, size }: Props) {
  const rests = disabled === true || (!local && !connected.value);
  return (
    <button
      type="button"
      class={`icon-button ${extra ?? ""}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={rests}
      onClick={(e) => {
        e.stopPropagation();
        void onClick();
      }}
    >
      <Icon name={icon} {...(size ? { size } : {})} />
    </button>
  );
}
