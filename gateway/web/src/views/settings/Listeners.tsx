import { t } from "../../i18n";
import { me } from "../../state/listeners";
import { connected, listeners } from "../../state/live";
import { hrefTo } from "../../state/route";
import { Icon } from "../../ui/icons";
import { newListener } from "../playing/WhoListens";

/** Who lives here, each with a taste to look at. */
export function Listeners() {
  return (
    <section class="panel" aria-labelledby="set-listeners">
      <h2 id="set-listeners">{t("settings.listeners")}</h2>
      <p class="quiet">{t("settings.listeners.hint")}</p>
      {listeners.value.length > 0 && (
        <ul class="sheet-actions">
          {listeners.value.map((l) => (
            <li key={l.id}>
              <a href={hrefTo({ tab: "settings", taste: l.id })}>
                <Icon name="person" />
                <span class="row-text">
                  <span class="row-title">{l.name}</span>
                  <span class="row-sub">
                    {[l.id === me.value?.id && t("taste.me"), l.child && t("taste.child"), !l.learning && t("who.rests")].filter(Boolean).join(" · ") || t("taste.look")}
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="actions start">
        <button type="button" class="button" disabled={!connected.value} onClick={newListener}>
          <Icon name="plus" size={20} />
          {t("who.new")}
        </button>
      </div>
    </section>
  );
}
