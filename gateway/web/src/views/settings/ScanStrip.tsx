import { t } from "../../i18n";
import { scan } from "../../state/live";

/** How far the reading of the music folder has come; nothing when it rests. */
export function ScanStrip() {
  const s = scan.value;
  if (!s?.running) return null;
  const eta = s.etaSeconds > 90 ? t("library.minutes", { n: Math.round(s.etaSeconds / 60) }) : t("scan.seconds", { n: s.etaSeconds });
  return (
    <div class="scan-strip">
      <p>
        {t("scan.running", { done: s.done, total: s.total })}
        {s.rate > 0 && <span class="quiet"> · {t("scan.rate", { rate: Math.round(s.rate), eta })}</span>}
      </p>
      <progress aria-label={t("settings.scan")} value={s.done} max={Math.max(1, s.total)} />
    </div>
  );
}
