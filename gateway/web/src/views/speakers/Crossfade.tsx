import { api } from "../../api/client";
import type { Zone } from "../../api/types";
import { t } from "../../i18n";
import { connected, editZone } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";

const lengths = [0, 2, 4, 6, 8, 12];

/** How long tracks are heard together where one follows another. */
export function Crossfade({ zone: z }: { zone: Zone }) {
  const change = (crossfadeMs: number) => void attempt(() => api.changeZone(z.id, { crossfadeMs }), editZone(z.id, { crossfadeMs }));
  const now = z.crossfadeMs / 1000;
  const offered = lengths.includes(now) ? lengths : [...lengths, now].sort((a, b) => a - b);
  return (
    <label class="crossfade">
      <span>{t("zones.crossfade")}</span>
      <span class="select">
        <select disabled={!connected.value} value={now} onChange={(e) => change(1000 * Number(e.currentTarget.value))}>
          {offered.map((s) => (
            <option key={s} value={s}>
              {s === 0 ? t("zones.crossfade.off") : t("zones.crossfade.seconds", { n: s })}
            </option>
          ))}
        </select>
        <Icon name="down" size={18} />
      </span>
    </label>
  );
}
