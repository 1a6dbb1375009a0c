import { t } from "../../i18n";
import { listenHere, listening, stopListening, unblock } from "../../state/listen";
import { connected, zone } from "../../state/live";
import { Icon } from "../../ui/icons";

/** Makes this tab a speaker of the zone, and lets it go again. */
export function ListenButton({ compact }: { compact?: boolean }) {
  const l = listening.value;
  const z = zone.value;
  const label = l ? t(l.state === "starting" ? "listen.starting" : l.state === "blocked" ? "listen.blocked.tap" : "listen.stop") : t("listen.start");
  const tap = () => {
    if (l?.state === "blocked") unblock();
    else if (l) void stopListening();
    else if (z) void listenHere(z.id);
  };
  return (
    <button
      type="button"
      class={`button listen ${l ? "is-on" : ""} ${compact ? "compact" : ""}`}
      aria-pressed={l !== null}
      aria-label={label}
      title={l?.state === "blocked" ? t("listen.blocked") : label}
      disabled={!l && (!connected.value || !z)}
      onClick={tap}
    >
      <Icon name="headphones" size={22} />
      {!compact && label}
    </button>
  );
}
