import { useState } from "preact/hooks";
import type { Device, Zone } from "../../api/types";
import { t } from "../../i18n";
import { connected, members } from "../../state/live";
import { nudgeVolume, setMuted, setVolume } from "../../state/player";
import { hrefTo } from "../../state/route";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { ListenButton } from "../speakers/ListenButton";
import { Slider } from "../../ui/Slider";

/** The volume of every speaker in the zone. */
export function Volumes({ zone: z }: { zone: Zone }) {
  const list = members(z);
  const [each, setEach] = useState(false);
  const many = list.length > 1;
  return (
    <section class="volumes" aria-label={t("volume.title")}>
      {many && <AllVolume list={list} each={each} toggle={() => setEach(!each)} />}
      {(!many || each) && (
        <div class="volume-each">
          {list.map((d) => (
            <VolumeRow key={d.id} device={d} named={many} />
          ))}
        </div>
      )}
      {list.length > 0 && list.every((d) => d.silent) && (
        <p class="no-speakers">
          <span class="quiet">{t("volume.silent")}</span>
          <ListenButton />
        </p>
      )}
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

function AllVolume({ list, each, toggle }: { list: Device[]; each: boolean; toggle: () => void }) {
  return (
    <div class="volume-all">
      <ZoneVolume list={list} />
      <IconButton icon={each ? "up" : "down"} label={t("volume.each")} pressed={each} onClick={toggle} local size={22} />
    </div>
  );
}

/** One slider for all speakers of a zone: they keep their distance to each other. */
export function ZoneVolume({ list }: { list: Device[] }) {
  const audible = list.filter((d) => d.present && d.volume !== null);
  const mean = audible.length ? audible.reduce((sum, d) => sum + (d.volume ?? 0), 0) / audible.length : 0;
  const shown = Math.round(mean);
  const silent = audible.every((d) => d.muted);
  const move = (v: number) => nudgeVolume(audible, v - mean);
  if (audible.length === 0) return <p class="volume-row quiet">{list.length > 0 && t("volume.unknown")}</p>;
  return (
      <div class={`volume-row ${silent ? "is-muted" : ""}`}>
        <IconButton
          icon={silent ? "muted" : "volume"}
          label={t(silent ? "volume.unmute" : "volume.mute", { name: t("volume.all") })}
          onClick={() => audible.forEach((d) => void setMuted(d, !silent))}
          size={22}
        />
        <div class="volume-main">
          <Slider
            label={t("volume.of", { name: t("volume.all") })}
            value={shown}
            max={100}
            text={(v) => `${v} %`}
            disabled={!connected.value}
            onMove={move}
            onSet={move}
          />
        </div>
        <span class="volume-number">{shown}</span>
      </div>
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
