import { t } from "../../i18n";
import { server } from "../../state/live";

/** What this gateway is and can do, and what wants HTTPS. */
export function GatewayPanel() {
  const s = server.value;
  if (!s) return null;
  const yes = (on: boolean) => t(on ? "settings.yes" : "settings.no");
  const secure = location.protocol === "https:";
  return (
    <section class="panel" aria-labelledby="set-gateway">
      <h2 id="set-gateway">{t("settings.gateway")}</h2>
      <dl class="facts">
        <dt>{t("common.name")}</dt>
        <dd>{s.name}</dd>
        <dt>{t("settings.version")}</dt>
        <dd>{s.version}</dd>
        <dt>{t("settings.opus")}</dt>
        <dd>{yes(s.features.opus)}</dd>
        <dt>{t("settings.ffmpeg")}</dt>
        <dd>{yes(s.features.ffmpeg)}</dd>
        <dt>{t("settings.secure")}</dt>
        <dd>{yes(secure)}</dd>
      </dl>
      <h3>{t("settings.https")}</h3>
      {secure ? (
        <p class="quiet">{t("settings.https.on")}</p>
      ) : (
        <>
          <p class="quiet">{t("settings.https.off")}</p>
          {s.https && (
            <>
              <p>
                <a class="button" href={`https://${location.host}${location.pathname}${location.hash}`}>
                  {t("settings.https.how")}
                </a>
              </p>
              <p class="quiet">{t("settings.https.trust")}</p>
            </>
          )}
        </>
      )}
    </section>
  );
}
