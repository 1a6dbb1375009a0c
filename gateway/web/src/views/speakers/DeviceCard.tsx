import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Device } from "../../api/types";
import { said, t, type Key } from "../../i18n";
import { connected, editDevice, zoneList } from "../../state/live";
import { listening } from "../../state/listen";
import { attempt } from "../../state/toasts";
import { Icon, type IconName } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { VolumeRow } from "../playing/Volumes";
import { Certificate, GroupMembers } from "./CastDetails";
import { DeviceDetails } from "./DeviceDetails";
import { DeviceInput } from "./DeviceInput";
import { PlayerProtection } from "./PlayerProtection";

const icons: Record<string, IconName> = { cast: "cast", "cast-group": "cast", browser: "tab" };
const kinds = new Set(["cast", "cast-group", "player", "browser", "airplay", "dlna"]);

export function kindName(kind: string): string {
  return kinds.has(kind) ? t(`kind.${kind}` as Key) : kind;
}

export function DeviceCard({ device: d }: { device: Device }) {
  const [open, setOpen] = useState(false);
  const here = listening.value?.device === d.id;
  return (
    <li class={`device ${d.present ? "" : "is-away"} state-${d.state}`}>
      <div class="device-head">
        <span class="device-icon">
          <Icon name={icons[d.kind] ?? "speaker"} />
        </span>
        <div class="device-text">
          <span class="device-name">
            {d.name}
            {here && <span class="badge">{t("speakers.thisTab")}</span>}
          </span>
          <span class="quiet">{status(d)}</span>
        </div>
        <IconButton
          icon={open ? "up" : "down"}
          label={t("speakers.details", { name: d.name })}
          expanded={open}
          onClick={() => setOpen(!open)}
          local
        />
      </div>
      {d.problem && <p class="problem">{said(d.problem, d.problemPhrase)}</p>}
      {d.silent && d.present && <p class="quiet">{t("speakers.silent")}</p>}
      {!d.playable && <p class="quiet">{t("speakers.notPlayable")}</p>}
      {d.playable && <ZoneChoice device={d} />}
      {d.zone !== null && d.present && <VolumeRow device={d} named={false} />}
      {d.player && !d.own && d.present && <PlayerProtection device={d} player={d.player} />}
      {d.playable && d.kind === "player" && !d.approved && !d.player?.paired && <Approve device={d} />}
      {d.player?.input && d.present && <DeviceInput device={d} input={d.player.input} />}
      {d.cast?.members && d.present && <GroupMembers device={d} members={d.cast.members} />}
      {d.cast && d.cast.certificate !== "known" && <Certificate device={d} cast={d.cast} />}
      {open && <DeviceDetails device={d} />}
    </li>
  );
}

function status(d: Device): string {
  const parts = [d.own ? t("kind.own") : kindName(d.kind), d.present ? t(`speakers.state.${d.state}`) : t("speakers.away")];
  if (d.present && d.zone !== null && d.kind !== "browser") parts.push(t(d.pulled ? "speakers.pulled" : "speakers.exact"));
  return parts.join(" · ");
}

/** Which zone it plays in; moving it is choosing another. */
function ZoneChoice({ device: d }: { device: Device }) {
  const move = (zone: string | null) => void attempt(() => api.changeDevice(d.id, { zone }), editDevice(d.id, { zone }));
  return (
    <label class="zone-choice">
      <span class="unseen">{t("speakers.zone", { name: d.name })}</span>
      <span class="select">
      <select disabled={!connected.value} value={d.zone ?? ""} onChange={(e) => move(e.currentTarget.value || null)}>
        <option value="">{t("speakers.noZone")}</option>
        {zoneList.value.map((z) => (
          <option key={z.id} value={z.id}>
            {t("speakers.inZone", { zone: z.name })}
          </option>
        ))}
      </select>
      <Icon name="down" size={18} />
      </span>
    </label>
  );
}

function Approve({ device: d }: { device: Device }) {
  return (
    <div class="approve">
      <p class="quiet">{t("speakers.approve.hint")}</p>
      <button
        type="button"
        class="button"
        disabled={!connected.value}
        onClick={() => void attempt(() => api.changeDevice(d.id, { approved: true }), editDevice(d.id, { approved: true }))}
      >
        <Icon name="check" size={20} />
        {t("speakers.approve")}
      </button>
    </div>
  );
}
