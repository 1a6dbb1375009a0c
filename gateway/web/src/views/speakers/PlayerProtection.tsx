import type { Device, PlayerLink } from "../../api/types";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { openDialog } from "../../ui/dialogs";
import { PairDialog } from "./PairDialog";

/** How a player's connection is protected, and the way to protect it better. */
export function PlayerProtection({ device: d, player: p }: { device: Device; player: PlayerLink }) {
  const state = !p.protected ? "open" : p.paired ? "paired" : p.lost ? "lost" : "encrypted";
  return (
    <div class="approve protection">
      <p class="quiet" title={p.protected ? undefined : t("player.open.hint")}>
        <span class={`badge is-${state}`}>{t(`player.${state}`)}</span>
      </p>
      {p.protected && !p.paired && p.methods.length > 0 && (
        <button type="button" class="button" disabled={!connected.value} onClick={() => openDialog(<PairDialog id={d.id} />)}>
          {t(p.lost ? "pair.again" : "pair.start")}
        </button>
      )}
    </div>
  );
}
