import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { PairMethod, Pairing } from "../../api/types";
import { t, type Key } from "../../i18n";
import { en } from "../../i18n/en";
import { connected, devices } from "../../state/live";
import { attempt, say } from "../../state/toasts";
import { Dialog } from "../../ui/Dialog";
import { closeDialog } from "../../ui/dialogs";
import { CodeScanner, canScan } from "./CodeScanner";

/** Pairs with a player: what it has, what is to be done at it, its code. */
export function PairDialog({ id }: { id: string }) {
  const d = devices.value.get(id);
  const p = d?.player;
  const begun = useRef(false);
  const paired = p?.paired === true;
  useEffect(() => {
    if (!paired || !d) return;
    begun.current = false;
    say(t("pair.done", { name: d.name }));
    closeDialog();
  }, [paired]);
  // However the dialog goes, the player is not left waiting.
  useEffect(() => () => void (begun.current && attempt(() => api.cancelPairing(id))), []);
  if (!d || !p) return null;
  const begin = async (method: PairMethod, token?: string) => {
    begun.current = true;
    if (!(await attempt(() => api.pair(id, method, token)))) begun.current = false;
  };
  const running = p.pairing && p.pairing.stage !== "failed" ? p.pairing : undefined;
  return (
    <Dialog title={t("pair.title", { name: d.name })} onClose={closeDialog}>
      {running ? (
        <Running key={running.round} id={id} pairing={running} />
      ) : (
        <>
          {p.pairing ? <p class="problem">{failure(p.pairing)}</p> : <p class="quiet">{t("pair.intro")}</p>}
          <Methods methods={p.methods} onBegin={begin} />
        </>
      )}
    </Dialog>
  );
}

function failure(p: Pairing): string {
  const key = `pair.failed.${p.reason}`;
  return key in en ? `${t("pair.failed")} ${t(key as Key)}` : t("pair.failed");
}

function Methods({ methods, onBegin }: { methods: PairMethod[]; onBegin: (m: PairMethod, token?: string) => Promise<void> }) {
  const [method, setMethod] = useState<PairMethod>(methods[0] ?? "token");
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    await onBegin(method, method === "token" ? token.trim() : undefined);
    setBusy(false);
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <fieldset class="choice">
        <legend>{t("pair.method")}</legend>
        {methods.map((m) => (
          <label key={m}>
            <input type="radio" name="method" checked={m === method} onChange={() => setMethod(m)} />
            <span>{t(`pair.${m}` satisfies Key)}</span>
          </label>
        ))}
      </fieldset>
      {method === "token" && <Code label={t("pair.tokenText")} value={token} scans onValue={setToken} />}
      <div class="actions">
        <button type="button" class="button" onClick={closeDialog}>
          {t("common.cancel")}
        </button>
        <button type="submit" class="button primary" disabled={busy || !connected.value || (method === "token" && token.trim() === "")}>
          {t("pair.start")}
        </button>
      </div>
    </form>
  );
}

/** What is to be done now, by whoever pairs. */
function Running({ id, pairing: p }: { id: string; pairing: Pairing }) {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async (text: string) => {
    setBusy(true);
    await attempt(() => api.enterCode(id, text));
    setBusy(false);
  };
  if (p.stage !== "code")
    return (
      <div role="status">
        <p>{t(p.stage === "device" ? "pair.device" : "pair.asked")}</p>
        {p.message && <p class="quiet">{t("pair.says", { message: p.message })}</p>}
      </div>
    );
  const qr = p.method === "qr";
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void enter(code.trim());
      }}
    >
      {p.round > 1 && <p class="problem">{t("pair.wrong")}</p>}
      <Code label={t(qr ? "pair.qrText" : "pair.code")} hint={qr ? t("pair.qrText.hint") : undefined} value={code} scans={qr} digits={!qr} onValue={setCode} />
      <div class="actions">
        <button type="button" class="button" onClick={closeDialog}>
          {t("common.cancel")}
        </button>
        <button type="submit" class="button primary" disabled={busy || !connected.value || code.trim() === ""}>
          {t("pair.start")}
        </button>
      </div>
    </form>
  );
}

interface CodeProps {
  label: string;
  hint?: string | undefined;
  value: string;
  digits?: boolean;
  scans: boolean;
  onValue: (text: string) => void;
}

function Code({ label, hint, value, digits, scans, onValue }: CodeProps) {
  return (
    <>
      <label class="field">
        <span>{label}</span>
        <input
          value={value}
          required
          maxLength={1024}
          inputMode={digits ? "numeric" : "text"}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(e) => onValue(e.currentTarget.value)}
        />
        {hint && <small>{hint}</small>}
      </label>
      {scans && canScan() && <CodeScanner onCode={onValue} />}
    </>
  );
}
