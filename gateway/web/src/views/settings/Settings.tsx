import type { Signal } from "@preact/signals";
import { t, type Key } from "../../i18n";
import { connected } from "../../state/live";
import { lang, listenMode, theme } from "../../state/prefs";
import { session, signOut } from "../../state/session";
import { attempt } from "../../state/toasts";
import { openDialog } from "../../ui/dialogs";
import { Icon } from "../../ui/icons";
import { KeysDialog } from "../KeysDialog";
import { GatewayPanel } from "./GatewayPanel";
import { PlayersPanel } from "./PlayersPanel";
import { Listeners } from "./Listeners";
import { ScanPanel } from "./ScanPanel";
import { Tokens } from "./Tokens";

export function Settings() {
  const who = session.value;
  return (
    <div class="settings">
      <header class="view-head">
        <h1>{t("nav.settings")}</h1>
      </header>
      <section class="panel" aria-labelledby="set-look">
        <h2 id="set-look">{t("settings.appearance")}</h2>
        <Choice
          legend={t("settings.theme")}
          value={theme}
          options={[
            ["auto", t("theme.auto")],
            ["dark", t("theme.dark")],
            ["light", t("theme.light")],
          ]}
        />
        <Choice
          legend={t("settings.language")}
          value={lang}
          options={[
            ["en", "English"],
            ["ko", "한국어"],
          ]}
        />
      </section>
      <section class="panel" aria-labelledby="set-listen">
        <h2 id="set-listen">{t("settings.listening")}</h2>
        <Choice legend={t("settings.listening")} hidden value={listenMode} options={(["auto", "whep", "hls"] as const).map((m) => [m, t(`settings.mode.${m}` satisfies Key)])} />
        <p class="quiet">{t("settings.listening.hint")}</p>
      </section>
      <Listeners />
      <ScanPanel />
      <PlayersPanel />
      <GatewayPanel />
      <Tokens />
      <section class="panel" aria-labelledby="set-account">
        <h2 id="set-account">{t("settings.account")}</h2>
        {who.is === "in" && <p>{t("settings.signedInAs", { name: who.name })}</p>}
        <div class="actions start">
          <button type="button" class="button" disabled={!connected.value} onClick={() => void attempt(signOut)}>
            {t("settings.signOut")}
          </button>
          <button type="button" class="button" onClick={() => openDialog(<KeysDialog />)}>
            <Icon name="keyboard" size={20} />
            {t("settings.keys")}
          </button>
        </div>
      </section>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  /** The heading above says it already. */
  hidden?: boolean;
  value: Signal<T>;
  options: (readonly [T, string])[];
}

export function Choice<T extends string>({ legend, hidden, value, options }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend class={hidden ? "unseen" : ""}>{legend}</legend>
      {options.map(([option, label]) => (
        <label key={option}>
          <input type="radio" name={legend} checked={value.value === option} onChange={() => (value.value = option)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
