import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { Dialog } from "./Dialog";

// The one dialog that is open, if any. Views open it; the app draws it.

const open = signal<ComponentChildren>(null);

export function openDialog(content: ComponentChildren): void {
  open.value = content;
}

export function closeDialog(): void {
  open.value = null;
}

export function dialogIsOpen(): boolean {
  return open.value !== null;
}

export function DialogHost() {
  return <>{open.value}</>;
}

/** Asks before something is lost. */
export function confirmThen(title: string, hint: string, action: string, then: () => unknown): void {
  openDialog(
    <Dialog title={title} onClose={closeDialog}>
      <p class="quiet">{hint}</p>
      <div class="actions">
        <button type="button" class="button" onClick={closeDialog}>
          {t("common.cancel")}
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            closeDialog();
            void then();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>,
  );
}

/** Asks for a name; stays open until then resolves to true. */
export function askName(title: string, label: string, value: string, then: (name: string) => Promise<boolean>): void {
  openDialog(<NameDialog title={title} label={label} value={value} then={then} />);
}

interface NameProps {
  title: string;
  label: string;
  value: string;
  then: (name: string) => Promise<boolean>;
}

function NameDialog({ title, label, value, then }: NameProps) {
  const [name, setName] = useState(value);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    if (await then(name.trim())) closeDialog();
    else setBusy(false);
  };
  return (
    <Dialog title={title} onClose={closeDialog}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <label class="field">
          <span>{label}</span>
          <input value={name} maxLength={100} required onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <div class="actions">
          <button type="button" class="button" onClick={closeDialog}>
            {t("common.cancel")}
          </button>
          <button type="submit" class="button primary" disabled={busy || name.trim() === ""}>
            {t("common.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
