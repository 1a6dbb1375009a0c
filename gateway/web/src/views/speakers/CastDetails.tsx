import { api, type DeviceChange } from "../../api/client";
import type { CastMode, CastSettings, Device } from "../../api/types";
import { t } from "../../i18n";
import { connected, editDevice } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";

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
