import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Scrobbling as State } from "../../api/types";
import { said, t } from "../../i18n";
import { connected } from "../../state/live";
import { attempt } from "../../state/toasts";
import { useAsked } from "../library/useAsked";

const listenBrainz = "https://api.listenbrainz.org";

/** Hands listens on to a service, by choice; nothing is sent otherwise. */
export function Scrobbling({ id }: { id: string }) {
  const asked = useAsked(() => api.scrobbling(id), id);
  const [changed, setChanged] = useState<State | undefined>(undefined);
  const now = changed ?? asked.value;
  if (!now) return null;
  const stop = async () => {
    if (await attempt(async () => (await api.scrobbleNoMore(id), true))) setChanged({ on: false, url: "", waiting: 0, problem: "" });
  };
  return (
    <section class="panel" aria-labelledby="taste-scrobbling">
      <h2 id="taste-scrobbling">{t("scrobble.title")}</h2>
      <p class="quiet">{t("scrobble.hint")}</p>
      {now.on ? (
        <>
          <p>{t("scrobble.to", { url: now.url })}</p>
          {now.waiting > 0 && <p class="quiet">{t("scrobble.waiting", { n: now.waiting })}</p>}
          {now.problem && <p class="problem">{said(now.problem, now.problemPhrase)}</p>}
          <div class="actions start">
            <button type="button" class="button" disabled={!connected.value} onClick={() => void stop()}>
              {t("scrobble.stop")}
            </button>
          </div>
        </>
      ) : (
        <Begin id={id} set={setChanged} />
      )}
    </section>
  );
}

function Begin({ id, set }: { id: string; set: (s: State) => void }) {
  const [url, setURL] = useState(listenBrainz);
  const [token, setToken] = useState("");
  const begin = async () => {
    const s = await attempt(() => api.scrobble(id, url.trim(), token.trim()));
    if (s) set(s);
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void begin();
      }}
    >
      <label class="field">
        <span>{t("scrobble.url")}</span>
        <input type="url" value={url} required maxLength={500} autocomplete="off" onInput={(e) => setURL(e.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t("scrobble.token")}</span>
        <input type="password" value={token} required maxLength={500} autocomplete="off" onInput={(e) => setToken(e.currentTarget.value)} />
      </label>
      <div class="actions start">
        <button type="submit" class="button" disabled={!connected.value || token.trim() === ""}>
          {t("scrobble.begin")}
        </button>
      </div>
    </form>
  );
}
