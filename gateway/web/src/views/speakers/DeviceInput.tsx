import { api } from "../../api/client";
import type { Device, PlayerLink } from "../../api/types";
import { t } from "../../i18n";
import { connected, zone } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";

/** What comes in at a device, for the zone that it is in, or the one that is shown. */
export function DeviceInput({ device: d, input }: { device: Device; input: NonNullable<PlayerLink["input"]> }) {
  const where = d.zone ?? zone.value?.id;
  if (!input.ready) return <p class="quiet">{t("input.waits")}</p>;
  return (
    <div class="approve">
      {input.signal === "absent" && <p class="quiet">{t("input.silent")}</p>}
      <button
        type="button"
        class="button"
        disabled={!connected.value || !where}
        onClick={() => where && void attempt(() => api.addToQueue(where, { tracks: [`input:${d.id}`], at: "now" }))}
      >
        <Icon name="play" size={20} />
        {t("input.play")}
      </button>
    </div>
  );
}
