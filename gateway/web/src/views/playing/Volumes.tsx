import type { Device, Zone } from "../../api/types";
import { t } from "../../i18n";
import { connected, members } from "../../state/live";
import { setMuted, setVolume } from "../../state/player";
import { hrefTo } from "../../state/route";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { Slider } from "../../ui/Slider";

/** The volume of every speaker in the zone. */
export function Volumes({ zone: z }: { zone: Zone }) {
  const list = members(z);
  return (
    <section class="volumes" aria-label={t("volume.title")}>
      {list.map((d) => (
        <VolumeRow key={d.id} device={d} named={list.length > 1} />
      ))}
      {list.length === 0 && (
        <p class="no-speakers">
          <span class="quiet">{t("volume.none")}</span>
          <a class="button" href={hrefTo({ tab: "speakers" })}>
            <Icon name="speaker" size={20} />
            {t("volume.choose")}
          </a>
        </p>
      )}
    </section>
  );
}

export function VolumeRow({ device: d, named }: { device: Device; named: boolean }) {
  const rests = !connected.value || !d.present;
  return (
    <div class={`volume-row ${d.muted ? "is-muted" : ""}`}>
      <IconButton
        icon={d.muted ? "muted" : "volume"}
        label={t(d.muted ? "volume.unmute" : "volume.mute", { name: d.name })}
        disabled={rests || d.volume === null}
        onClick={() => setMuted(d, !d.muted)}
        size={22}
      />
      <div class="volume-main">
        {named && <span class="volume-name">{d.name}</span>}
        {d.volume === null ? (
          <span class="quiet">{t("volume.unknown")}</span>
        ) : (
          <Slider
            label={t("volume.of", { name: d.name })}
            value={Math.min(d.volume, d.ceiling)}
            max={d.ceiling}
            text={(v) => `${v} %`}
            disabled={rests}
            onMove={(v) => setVolume(d, v)}
            onSet={(v) => setVolume(d, v)}
          />
        )}
      </div>
      {d.volume !== null && <span class="volume-number">{Math.min(d.volume, d.ceiling)}</span>}
    </div>
  );
}
