import { api, type DeviceChange } from "../../api/client";
import type { CastMember, CastMode, CastSettings, Device } from "../../api/types";
import { t } from "../../i18n";
import { connected, editDevice } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { Slider } from "../../ui/Slider";

interface Props {
  device: Device;
  cast: CastSettings;
}

const modes = ["auto", "queue", "stream"] as const;

function change(d: Device, cast: NonNullable<DeviceChange["cast"]>, edited?: CastSettings): void {
  void attempt(() => api.changeDevice(d.id, { cast }), edited && editDevice(d.id, { cast: edited }));
}

/** How a Chromecast plays, and what it may get. */
export function CastDetails({ device: d, cast }: Props) {
  return (
    <>
      <label class="field">
        <span>{t("cast.mode")}</span>
        <span class="select">
          <select
            disabled={!connected.value}
            value={cast.mode}
            onChange={(e) => {
              const mode = e.currentTarget.value as CastMode;
              change(d, { mode }, { ...cast, mode });
            }}
          >
            {modes.map((m) => (
              <option key={m} value={m}>
                {t(`cast.mode.${m}`)}
              </option>
            ))}
          </select>
          <Icon name="down" size={18} />
        </span>
        <small>{t("cast.mode.hint")}</small>
      </label>
      {d.kind === "cast" && (
        <Choice label={t("cast.hiRes")} hint={t("cast.hiRes.hint")} on={cast.hiRes} onSet={(hiRes) => change(d, { hiRes }, { ...cast, hiRes })} />
      )}
      <Choice label={t("cast.hold")} hint={t("cast.hold.hint")} on={cast.hold} onSet={(hold) => change(d, { hold }, { ...cast, hold })} />
    </>
  );
}

function Choice({ label, hint, on, onSet }: { label: string; hint: string; on: boolean; onSet: (on: boolean) => void }) {
  return (
    <label class="field check">
      <span>
        <input type="checkbox" checked={on} disabled={!connected.value} onChange={(e) => onSet(e.currentTarget.checked)} /> {label}
      </span>
      <small>{hint}</small>
    </label>
  );
}

/** A certificate that its owner should look at. */
export function Certificate({ device: d, cast }: Props) {
  return (
    <div class="approve">
      {cast.certificate === "changed" && <p class="quiet">{t("cast.certificate.changed")}</p>}
      <div class="actions start">
        <button type="button" class="button" disabled={!connected.value} onClick={() => change(d, { certificate: "accept" })}>
          <Icon name="check" size={20} />
          {t("cast.certificate.accept")}
        </button>
        {cast.certificate === "changed" && (
          <button type="button" class="button" disabled={!connected.value} onClick={() => change(d, { certificate: "refuse" })}>
            {t("cast.certificate.refuse")}
          </button>
        )}
      </div>
    </div>
  );
}

/** The devices of a group, each with its volume. */
export function GroupMembers({ device: d, members }: { device: Device; members: CastMember[] }) {
  return (
    <ul class="volume-each" aria-label={t("cast.members", { name: d.name })}>
      {members.map((m) => (
        <li key={m.id} class={`volume-row ${m.muted ? "is-muted" : ""}`}>
          <IconButton
            icon={m.muted ? "muted" : "volume"}
            label={t(m.muted ? "volume.unmute" : "volume.mute", { name: m.name })}
            disabled={!connected.value}
            onClick={() => change(d, { member: { id: m.id, muted: !m.muted } })}
            size={22}
          />
          <div class="volume-main">
            <span class="volume-name">{m.name}</span>
            <Slider
              label={t("volume.of", { name: m.name })}
              value={m.volume}
              max={100}
              text={(v) => `${v} %`}
              disabled={!connected.value}
              onSet={(v) => change(d, { member: { id: m.id, volume: Math.round(v) } })}
            />
          </div>
          <span class="volume-number">{m.volume}</span>
        </li>
      ))}
    </ul>
  );
}
