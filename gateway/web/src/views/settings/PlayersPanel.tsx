import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";

/** What holds for all hardware players. */
export function PlayersPanel() {
  const [open, setOpen] = useState<boolean | null>(null);
  useEffect(() => {
    void attempt(api.players).then((s) => s && setOpen(s.cleartext));
  }, []);
  const set = async (cleartext: boolean) => {
    setOpen(cleartext);
    if (!(await attempt(() => api.changePlayers({ cleartext })))) setOpen(!cleartext);
  };
  if (open === null) return null;
  return (
    <section class="panel" aria-labelledby="set-players">
      <h2 id="set-players">{t("settings.players")}</h2>
      <button type="button" class="button" aria-pressed={open} disabled={!connected.value} onClick={() => void set(!open)}>
        {open && <Icon name="check" size={20} />}
        {t("settings.players.open")}
      </button>
      <p class="quiet">{t("settings.players.open.hint")}</p>
    </section>
  );
}
