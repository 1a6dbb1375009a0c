import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { server } from "../state/live";
import { lang } from "../state/prefs";
import { claim, signIn } from "../state/session";
import { sentence } from "../state/toasts";
import { Gate } from "../ui/Gate";
import { Icon } from "../ui/icons";

/** What stands before the house: claim it, sign in, or wait for it. */
function Porch({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="porch">
      <div class="porch-art">
        <Gate />
      </div>
      <div class="porch-box">
        <p class="porch-name">{server.value?.name ?? "Jumpgate"}</p>
        <h1>{title}</h1>
        {children}
      </div>
      <button type="button" class="button plain porch-lang" lang={lang.value === "ko" ? "en" : "ko"} onClick={() => (lang.value = lang.value === "ko" ? "en" : "ko")}>
        {lang.value === "ko" ? "English" : "한국어"}
      </button>
    </main>
  );
}

export function Waiting() {
  return (
    <Porch title={t("start.unreachable")}>
      <p class="quiet" role="status">
        {t("start.unreachable.hint")}
      </p>
    </Porch>
  );
}

export function Claim() {
  const [code, setCode] = useState("");
  return (
    <Porch title={t("claim.title")}>
      <p class="quiet">{t("claim.intro")}</p>
      <Credentials submit={t("claim.submit")} fresh send={(name, password) => claim(code.trim(), name, password)}>
        <label class="field">
          <span>{t("claim.code")}</span>
          <input
            class="code"
            name="code"
            value={code}
            required
            maxLength={64}
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck={false}
            onInput={(e) => setCode(e.currentTarget.value)}
          />
        </label>
      </Credentials>
    </Porch>
  );
}

export function SignIn() {
  return (
    <Porch title={t("signin.title")}>
      <Credentials submit={t("signin.submit")} send={signIn} />
      <p class="quiet signin-hint">{t("signin.hint")}</p>
    </Porch>
  );
}

interface CredentialsProps {
  submit: string;
  /** A new account: the password must be long enough. */
  fresh?: boolean;
  send: (name: string, password: string) => Promise<void>;
  children?: ComponentChildren;
}

function Credentials({ submit, fresh, send, children }: CredentialsProps) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [seen, setSeen] = useState(false);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  // The typings hold text and password inputs apart; this one is both.
  const kind = (seen ? "text" : "password") as "password";
  const go = async () => {
    setBusy(true);
    setError("");
    try {
      await send(name.trim(), password);
    } catch (err) {
      setError(sentence(err));
      setBusy(false);
    }
  };
  return (
    <form
      class="credentials"
      onSubmit={(e) => {
        e.preventDefault();
        void go();
      }}
    >
      {children}
      <label class="field">
        <span>{t("claim.name")}</span>
        <input name="name" value={name} required maxLength={64} autocomplete="username" autocapitalize="off" onInput={(e) => setName(e.currentTarget.value)} />
      </label>
      <div class="field">
        <label for="password">{t("claim.password")}</label>
        <span class="with-button">
          <input
            id="password"
            name="password"
            type={kind}
            value={password}
            required
            minLength={fresh ? 8 : 1}
            maxLength={1024}
            aria-describedby={fresh ? "password-hint" : undefined}
            autocomplete={fresh ? "new-password" : "current-password"}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
          <button type="button" class="icon-button" aria-label={t(seen ? "password.hide" : "password.show")} aria-pressed={seen} onClick={() => setSeen(!seen)}>
            <Icon name={seen ? "eyeOff" : "eye"} size={20} />
          </button>
        </span>
        {fresh && <small id="password-hint">{t("claim.password.hint")}</small>}
      </div>
      <p class="problem" role="alert">
        {error}
      </p>
      <button type="submit" class="button primary wide" disabled={busy}>
        {submit}
      </button>
    </form>
  );
}
