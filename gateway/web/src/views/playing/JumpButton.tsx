import type { Zone } from "../../api/types";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { contextName, jump, landing } from "../../state/player";
import { Gate } from "../../ui/Gate";

/** The big one: says where it would lead, moves the flow there, and says where it landed. */
export function JumpButton({ zone: z, small }: { zone: Zone; small?: boolean }) {
  const l = landing.value;
  const where =
    l?.state === "leaving"
      ? t("jump.leaving")
      : l?.state === "landed"
        ? t("jump.landed", { name: contextName(l.context) })
        : z.landing
          ? t("jump.to", { name: contextName(z.landing) })
          : z.track
            ? t("jump.from", { name: contextName(z.context) })
            : t("jump.hint");
  return (
    <button
      type="button"
      class={`jump ${small ? "small" : ""} ${l ? `is-${l.state}` : ""}`}
      disabled={!connected.value}
      title={small ? where : undefined}
      aria-describedby={small ? undefined : "jump-where"}
      onClick={() => void jump()}
    >
      <Gate key={l?.n ?? 0} />
      <span class="jump-text">
        <span class="jump-word">{t("jump.label")}</span>
        {!small && (
          <span class="jump-where" id="jump-where">
            {where}
          </span>
        )}
      </span>
    </button>
  );
}
