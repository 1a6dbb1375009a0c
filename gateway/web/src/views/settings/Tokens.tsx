import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { NewToken, Token } from "../../api/types";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { attempt } from "../../state/toasts";
import { IconButton } from "../../ui/IconButton";

/** Tokens for scripts; a secret is shown once. */
export function Tokens() {
  const [tokens, setTokens] = useState<Token[]>([]);
  const [made, setMade] = useState<NewToken | null>(null);
  const [name, setName] = useState("");
  const list = () => void attempt(async () => setTokens((await api.tokens()).items));
  useEffect(() => {
    if (connected.value) list();
  }, [connected.value]);
  const create = async () => {
    const token = await attempt(() => api.createToken(name.trim()));
    if (!token) return;
    setMade(token);
    setName("");
    list();
  };
  const revoke = (token: Token) =>
    attempt(async () => {
      await api.deleteToken(token.id);
      if (made?.id === token.id) setMade(null);
      list();
    });
  return (
    <section class="panel" aria-labelledby="set-tokens">
      <h2 id="set-tokens">{t("settings.tokens")}</h2>
      <p class="quiet">{t("settings.tokens.hint")}</p>
      {tokens.length > 0 && (
        <ul class="tokens">
          {tokens.map((token) => (
            <li key={token.id}>
              <span>{token.name}</span>
              <IconButton icon="trash" label={t("settings.tokens.revoke", { name: token.name })} onClick={() => revoke(token)} size={20} />
            </li>
          ))}
        </ul>
      )}
      {made && (
        <p class="secret" role="status">
          {t("settings.tokens.made")}
          <code>{made.token}</code>
        </p>
      )}
      <form
        class="inline-form"
        onSubmit={(e) => {
          e.preventDefault();
          void create();
        }}
      >
        <label class="field">
          <span>{t("settings.tokens.new")}</span>
          <input value={name} maxLength={64} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <button type="submit" class="button" disabled={!connected.value || name.trim() === ""}>
          {t("common.add")}
        </button>
      </form>
    </section>
  );
}
