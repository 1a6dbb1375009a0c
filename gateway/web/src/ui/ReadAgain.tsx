import { api } from "../api/client";
import { t } from "../i18n";
import { connected, scan } from "../state/live";
import { attempt } from "../state/toasts";

/** Has the music folder read again: what was put there is not noticed by itself. */
export function ReadAgain() {
  return (
    <button type="button" class="button" disabled={!connected.value || scan.value?.running} onClick={() => void attempt(() => api.startScan())}>
      {t("scan.start")}
    </button>
  );
}
