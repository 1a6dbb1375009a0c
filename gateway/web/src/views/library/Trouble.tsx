import { t } from "../../i18n";
import { sentence } from "../../state/toasts";

/** A part of the page that could not be fetched, and why. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p>{sentence(error)}</p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {t("common.retry")}
        </button>
      )}
    </div>
  );
}
