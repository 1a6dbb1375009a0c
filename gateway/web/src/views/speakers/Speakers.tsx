import type { Device, Zone } from "../../api/types";
import { said, t } from "../../i18n";
import { deviceList, zone, zoneList } from "../../state/live";
import { chosenZone } from "../../state/prefs";
import { Icon } from "../../ui/icons";
import { Crossfade } from "./Crossfade";
import { DeviceCard } from "./DeviceCard";
import { addDevice, newZone } from "./forms";
import { ListenButton } from "./ListenButton";
import { SpeakButton } from "./SpeakButton";
import { ZoneMenu } from "./ZoneMenu";

/** Zones with their speakers, then what is free, then what is away. */
export function Speakers() {
  const all = deviceList.value;
  const zones = zoneList.value;
  const known = new Set(zones.map((z) => z.id));
  const free = all.filter((d) => !(d.zone && known.has(d.zone)));
  return (
    <div class="speakers">
      <header class="view-head">
        <h1>{t("speakers.title")}</h1>
        <span class="view-actions">
          <SpeakButton />
          <ListenButton />
        </span>
      </header>
      {zones.map((z) => (
        <ZoneCard key={z.id} zone={z} devices={all.filter((d) => d.zone === z.id)} />
      ))}
      <p class="actions start">
        <button type="button" class="button" onClick={newZone}>
          <Icon name="plus" size={20} />
          {t("zones.new")}
        </button>
        <button type="button" class="button" onClick={addDevice}>
          <Icon name="speaker" size={20} />
          {t("speakers.add")}
        </button>
      </p>
      {all.length === 0 && (
        <p class="quiet">
          {t("speakers.none")} {t("speakers.none.hint")}
        </p>
      )}
      <Group title={t("speakers.free")} devices={free.filter((d) => d.present)} />
      <Group title={t("speakers.away")} devices={free.filter((d) => !d.present)} />
    </div>
  );
}

function ZoneCard({ zone: z, devices }: { zone: Zone; devices: Device[] }) {
  const chosen = zone.value?.id === z.id;
  return (
    <section class={`zone-card ${chosen ? "is-chosen" : ""}`} aria-labelledby={`zone-${z.id}`}>
      <header>
        <button type="button" class="zone-name" aria-pressed={chosen} title={t("zones.control")} onClick={() => (chosenZone.value = z.id)}>
          <h2 id={`zone-${z.id}`}>{z.name}</h2>
          <span class="quiet">{z.track && z.state !== "stopped" ? `${t(`zones.${z.state}`)} · ${z.track.title}` : t(`zones.${z.state}`)}</span>
        </button>
        <ZoneMenu zone={z} />
      </header>
      {z.problem && <p class="problem">{said(z.problem, z.problemPhrase)}</p>}
      {devices.length === 0 && <p class="quiet">{t("zones.noSpeakers")}</p>}
      <ul class="devices">
        {devices.map((d) => (
          <DeviceCard key={d.id} device={d} />
        ))}
      </ul>
      <Crossfade zone={z} />
    </section>
  );
}

function Group({ title, devices }: { title: string; devices: Device[] }) {
  if (devices.length === 0) return null;
  return (
    <section class="device-group">
      <h2 class="group">{title}</h2>
      <ul class="devices">
        {devices.map((d) => (
          <DeviceCard key={d.id} device={d} />
        ))}
      </ul>
    </section>
  );
}
