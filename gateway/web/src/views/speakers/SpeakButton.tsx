import { t } from "../../i18n";
import { connected, zone } from "../../state/live";
import { speakHere, speaking, stopSpeaking } from "../../state/speak";
import { Icon } from "../../ui/icons";

/** Makes this tab a microphone of the zone, and closes it again. */
export function SpeakButton() {
  const s = speaking.value;
  const z = zone.value;
  const label = t(s ? (s.state === "starting" ? "listen.starting" : "speak.stop") : "speak.start");
  return (
    <button
      type="button"
      class={`button speak ${s ? "is-on" : ""}`}
      aria-pressed={s !== null}
      title={s || !z ? label : t("speak.hint", { zone: z.name })}
      disabled={!s && (!connected.value || !z)}
      onClick={() => (s ? stopSpeaking() : z && void speakHere(z.id))}
    >
      <Icon name="microphone" size={22} />
      {label}
    </button>
  );
}
