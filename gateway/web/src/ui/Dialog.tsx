import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";
import { toast } from "../state/toasts";
import { IconButton } from "./IconButton";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
}

/**
 * A modal sheet: from below on a phone, in the middle on a wide screen. The
 * browser's own dialog keeps the focus in and gives it back. It lies over the
 * toasts, so it says itself what did not work.
 */
export function Dialog({ title, onClose, children, class: extra = "" }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = ref.current;
    const from = document.activeElement;
    d?.showModal();
    return () => {
      d?.close();
      // What opened it may have gone meanwhile: a row of a queue that moved on.
      const back = from instanceof HTMLElement && from.isConnected ? from : document.getElementById("content");
      back?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`sheet ${extra}`}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onClose={() => {
        // A browser may close it without asking, as for a second Escape.
        if (ref.current) onClose();
      }}
      onClick={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t("common.close")} onClick={onClose} local />
        </header>
        {children}
        <div role="status">{toast.value?.kind === "error" && <p class="problem">{toast.value.text}</p>}</div>
      </div>
    </dialog>
  );
}
