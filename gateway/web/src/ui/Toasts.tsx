import { dismiss, toast } from "../state/toasts";
import { t } from "../i18n";
import { IconButton } from "./IconButton";

export function Toasts() {
  const shown = toast.value;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown && (
        <div key={shown.id} class={`toast ${shown.kind}`}>
          <p>{shown.text}</p>
          <IconButton icon="close" label={t("common.close")} onClick={() => dismiss(shown.id)} local size={18} />
        </div>
      )}
    </div>
  );
}
