import { api } from "../../api/client";
import type { Listener, Zone } from "../../api/types";
import { t } from "../../i18n";
import { listening, names, setLearning, setListening } from "../../state/listeners";
import { connected, listeners, zones } from "../../state/live";
import { hrefTo } from "../../state/route";
import { attempt } from "../../state/toasts";
import { Dialog } from "../../ui/Dialog";
import { askName, closeDialog, openDialog } from "../../ui/dialogs";
import { Icon } from "../../ui/icons";
import { Switch } from "../../ui/Switch";

/** Whose taste the zone plays by, and a way to say who is there. */
export function WhoListens({ zone: z }: { zone: Zone }) {
  const who = listening(z);
  const label = who.length ? names(who) : t("who.nobody");
  const rests = !z.learning || (who.length > 0 && who.every((l) => !l.learning));
  return (
    <button type="button" class="who" disabled={!connected.value} onClick={() => openDialog(<WhoDialog id={z.id} />)}>
      <Icon name="person" size={20} />
      <span class="unseen">{t("who.title")}: </span>
      <span class="who-names">{label}</span>
      {rests && <span class="who-rests">{t("who.rests")}</span>}
    </button>
  );
}

function WhoDialog({ id }: { id: string }) {
  const z = zones.value.get(id);
  if (!z) return null;
  return (
    <Dialog title={t("who.in", { name: z.name })} onClose={closeDialog}>
      {listeners.value.length > 0 && (
        <ul class="sheet-actions">
          {listeners.value.map((l) => (
            <li key={l.id}>
              <Choice zone={z} listener={l} />
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">{t(z.listeners.length === 0 ? "who.nobody.hint" : z.listeners.length > 1 ? "who.blend" : "who.one")}</p>
      <Switch label={t("who.learn")} hint={t("who.learn.hint")} on={z.learning} set={(on) => setLearning(z, on)} />
      <div class="actions">
        <a class="button" href={hrefTo({ tab: "settings" })} onClick={closeDialog}>
          {t("who.tastes")}
        </a>
        <button type="button" class="button" onClick={newListener}>
          <Icon name="plus" size={20} />
          {t("who.new")}
        </button>
      </div>
    </Dialog>
  );
}

function Choice({ zone: z, listener: l }: { zone: Zone; listener: Listener }) {
  const here = z.listeners.includes(l.id);
  return (
    <button
      type="button"
      aria-pressed={here}
      disabled={!connected.value}
      onClick={() => void setListening(z, here ? z.listeners.filter((x) => x !== l.id) : [...z.listeners, l.id])}
    >
      <Icon name="person" />
      <span class="row-text">
        <span class="row-title">{l.name}</span>
        {(l.child || !l.learning) && <span class="row-sub">{[l.child && t("taste.child"), !l.learning && t("who.rests")].filter(Boolean).join(" · ")}</span>}
      </span>
      {here && <Icon name="check" />}
    </button>
  );
}

/** Asks for the name of somebody new. */
export function newListener(): void {
  askName(t("who.new"), t("common.name"), "", async (name) => (await attempt(() => api.createListener(name, false))) !== undefined);
}
