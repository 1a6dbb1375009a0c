import { t, type Key } from "../i18n";
import { closeDialog } from "../ui/dialogs";
import { Dialog } from "../ui/Dialog";

const keys: [string[], Key][] = [
  [["␣"], "keys.space"],
  [["←", "→"], "keys.seek"],
  [["⇧ ←", "⇧ →"], "keys.skip"],
  [["↑", "↓"], "keys.volume"],
  [["Home", "End", "↑", "↓"], "keys.list"],
  [["J"], "keys.jump"],
  [["L"], "keys.like"],
  [["/"], "keys.search"],
  [["1", "2", "3", "4"], "keys.tabs"],
  [["?"], "keys.help"],
];

export function KeysDialog() {
  return (
    <Dialog title={t("keys.title")} onClose={closeDialog}>
      <dl class="keys">
        {keys.map(([caps, what]) => (
          <div key={what}>
            <dt>
              {caps.map((c) => (
                <kbd key={c}>{c === "␣" ? t("key.space") : c}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
