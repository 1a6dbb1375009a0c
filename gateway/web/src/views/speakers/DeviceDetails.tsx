import { api } from "../../api/client";
import type { Device } from "../../api/types";
import { t } from "../../i18n";
import { connected, editDevice, editZone, zones } from "../../state/live";
import { attempt } from "../../state/toasts";
import { askName, confirmThen } from "../../ui/dialogs";
import { Slider } from "../../ui/Slider";
import { CastDetails } from "./CastDetails";

/** What is set once for a device: its name, its ceiling, its delay. */
export function DeviceDetails({ device: d }: { device: Device }) {
  const rename = () =>
    askName(t("common.rename"), t("common.name"), d.name, async (name) => {
      return (await attempt(() => api.changeDevice(d.id, { name }))) !== undefined;
    });
  const forget = () =>
    confirmThen(t("speakers.forget.ask", { name: d.name }), t("speakers.forget.hint"), t("speakers.forget"), () => attempt(() => api.deleteDevice(d.id)));
  const unpair = () =>
    confirmThen(t("pair.end.ask", { name: d.name }), t("pair.end.hint"), t("pair.end"), () => attempt(() => api.unpair(d.id)));
  return (
    <div class="device-details">
      {(d.model || d.address) && <p class="quiet">{[d.model, d.address].filter(Boolean).join(" · ")}</p>}
      {d.playable && d.kind !== "browser" && (
        <label class="field">
          <span>
            {t("speakers.ceiling")} {d.ceiling} %
          </span>
          <Slider
            label={t("speakers.ceiling.of", { name: d.name })}
            value={d.ceiling}
            max={100}
            text={(v) => `${v} %`}
            disabled={!connected.value}
            onSet={(v) => {
              const ceiling = Math.max(1, Math.round(v));
              void attempt(() => api.changeDevice(d.id, { ceiling }), editDevice(d.id, { ceiling }));
            }}
          />
        </label>
      )}
      {(d.kind === "player" || d.cast) && <Delay device={d} />}
      {d.cast && <CastDetails device={d} cast={d.cast} />}
      <div class="actions start">
        <button type="button" class="button" disabled={!connected.value} onClick={rename}>
          {t("common.rename")}
        </button>
        {d.player?.paired && (
          <button type="button" class="button" disabled={!connected.value} onClick={unpair}>
            {t("pair.end")}
          </button>
        )}
        {d.kind === "player" && d.approved && !d.own && (
          <button type="button" class="button" disabled={!connected.value} onClick={() => void attempt(() => api.changeDevice(d.id, { approved: false }))}>
            {t("speakers.disapprove")}
          </button>
        )}
        {d.kind !== "browser" && !d.own && (
          <button type="button" class="button danger" disabled={!connected.value} onClick={forget}>
            {t("speakers.forget")}
          </button>
        )}
      </div>
    </div>
  );
}

function Delay({ device: d }: { device: Device }) {
  const z = d.zone ? zones.value.get(d.zone) : undefined;
  return (
    <>
      <DelayField device={d} />
      {z && (
        <button
          type="button"
          class="button"
          aria-pressed={z.click}
          disabled={!connected.value || (!z.click && z.state !== "playing")}
          onClick={() => void attempt(() => api.changeZone(z.id, { click: !z.click }), editZone(z.id, { click: !z.click }))}
        >
          {t(z.click ? "speakers.click.off" : "speakers.click.on")}
        </button>
      )}
    </>
  );
}

function DelayField({ device: d }: { device: Device }) {
  return (
    <label class="field">
      <span>{t("speakers.delay")}</span>
      <input
        type="number"
        min={-2000}
        max={2000}
        step={1}
        value={d.delayMs}
        disabled={!connected.value}
        onChange={(e) => {
          const delayMs = Math.max(-2000, Math.min(2000, Math.round(e.currentTarget.valueAsNumber || 0)));
          void attempt(() => api.changeDevice(d.id, { delayMs }), editDevice(d.id, { delayMs }));
        }}
      />
      <small>{t("speakers.delay.hint")}</small>
    </label>
  );
}
