import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { t, type Key } from "../../i18n";
import { chosenZone } from "../../state/prefs";
import { attempt, say } from "../../state/toasts";
import { Dialog } from "../../ui/Dialog";
import { askName, closeDialog, openDialog } from "../../ui/dialogs";

export function newZone(): void {
  askName(t("zones.new"), t("zones.name"), "", async (name) => {
    const made = await attempt(() => api.createZone(name));
    if (made) chosenZone.value = made.id;
    return made !== undefined;
  });
}

export function addDevice(): void {
  openDialog(<AddDevice />);
}

const kinds = ["cast", "player"] as const;

function AddDevice() {
  const [kind, setKind] = useState<(typeof kinds)[number]>("cast");
  const [host, setHost] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    // Often it is copied from a browser's address bar.
    const address = host.trim().replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/, "");
    const made = await attempt(() => api.addDevice(kind, address));
    if (made) {
      closeDialog();
      say(t("speakers.added", { name: made.name }));
    } else setBusy(false);
  };
  return (
    <Dialog title={t("speakers.add")} onClose={closeDialog}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <fieldset class="choice">
          <legend>{t("speakers.kind")}</legend>
          {kinds.map((k) => (
            <label key={k}>
              <input type="radio" name="kind" checked={k === kind} onChange={() => setKind(k)} />
              <span>{t(`kind.${k}` satisfies Key)}</span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{t("speakers.host")}</span>
          <input value={host} required maxLength={255} autocomplete="off" autocapitalize="off" spellcheck={false} onInput={(e) => setHost(e.currentTarget.value)} />
          <small>{t("speakers.host.hint")}</small>
        </label>
        <div class="actions">
          <button type="button" class="button" onClick={closeDialog}>
            {t("common.cancel")}
          </button>
          <button type="submit" class="button primary" disabled={busy || host.trim() === ""}>
            {t("common.add")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
