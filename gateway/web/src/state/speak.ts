import { signal } from "@preact/signals";
import { t } from "../i18n";
import { CannotPlay } from "../listen/driver";
import { tabName } from "../listen/tabName";
import { Whip } from "../listen/whip";
import { say, sayError } from "./toasts";

// This tab as a microphone: what it hears is played in one zone, after a tap.

export interface Speaking {
  zone: string;
  state: "starting" | "on";
}

export const speaking = signal<Speaking | null>(null);

let line: Whip | undefined;
let round = 0;

/** Browsers give a microphone to HTTPS pages and to this machine's own only. */
function allowed(): boolean {
  return window.isSecureContext && "mediaDevices" in navigator;
}

export async function speakHere(zone: string): Promise<void> {
  if (!allowed()) {
    say(t("speak.secure"), "error");
    return;
  }
  const mine = ++round;
  speaking.value = { zone, state: "starting" };
  try {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    const opened = new Whip(sound, () => {
      if (mine === round) stopSpeaking();
    });
    if (mine !== round) {
      opened.stop();
      return;
    }
    line = opened;
    await opened.start(`/api/v1/zones/${encodeURIComponent(zone)}/whip?name=${encodeURIComponent(tabName())}`);
    if (mine === round) speaking.value = { zone, state: "on" };
  } catch (err) {
    if (mine !== round) return;
    stopSpeaking();
    if (err instanceof DOMException) say(t("speak.refused"), "error");
    else if (err instanceof CannotPlay) say(t("speak.failed"), "error");
    else sayError(err);
  }
}

export function stopSpeaking(): void {
  round++;
  line?.stop();
  line = undefined;
  speaking.value = null;
}

/** Closes the microphone with the page. */
export function keepSpeaking(): void {
  window.addEventListener("pagehide", stopSpeaking);
}
