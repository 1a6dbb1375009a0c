import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { ScanProblem } from "../../api/types";
import { said, t } from "../../i18n";
import { connected, scan } from "../../state/live";
import { attempt } from "../../state/toasts";
import { ReadAgain } from "../../ui/ReadAgain";
import { ScanStrip } from "./ScanStrip";

/** The music folder: what was read, what could not be, and read again. */
export function ScanPanel() {
  const s = scan.value;
  const [report, setReport] = useState<ScanProblem[] | null>(null);
  const show = () => void attempt(async () => setReport((await api.scanReport()).items));
  return (
    <section class="panel" aria-labelledby="set-scan">
      <h2 id="set-scan">{t("settings.scan")}</h2>
      <ScanStrip />
      {!s?.running && <p>{s?.finished ? t("scan.idle", { total: s.total }) : t("scan.never")}</p>}
      {s !== null && s.waiting > 0 && (
        <p>
          {t("scan.waiting", { n: s.waiting })}
          <br />
          <span class="quiet">{t("scan.waiting.hint")}</span>
        </p>
      )}
      {s !== null && s.unmeasured > 0 && <p class="quiet">{t("scan.unmeasured", { n: s.unmeasured })}</p>}
      {s !== null && s.problems > 0 && <p>{t("scan.problems", { n: s.problems })}</p>}
      <div class="actions start">
        <ReadAgain />
        {s !== null && s.problems + s.waiting > 0 && !report && (
          <button type="button" class="button" disabled={!connected.value} onClick={show}>
            {t("scan.report")}
          </button>
        )}
      </div>
      {report && (
        <ul class="report">
          {report.map((p) => (
            <li key={p.path}>
              <code>{p.path}</code>
              <span class="quiet">{said(p.reason, p.reasonPhrase)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
