import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Listener, Taste } from "../../api/types";
import { t } from "../../i18n";
import { listener, me } from "../../state/listeners";
import { chosenListener, lang } from "../../state/prefs";
import { go } from "../../state/route";
import { attempt, say } from "../../state/toasts";
import { askName, confirmThen } from "../../ui/dialogs";
import { IconButton } from "../../ui/IconButton";
import { Switch } from "../../ui/Switch";
import { BackLink } from "../library/DetailHead";
import { Trouble } from "../library/Trouble";
import { useAsked } from "../library/useAsked";
import { Leanings, Wishes } from "./leanings";
import { Scrobbling } from "./Scrobbling";

/** What is known of a listener, and every way to correct it. */
export function TasteView({ id }: { id: string }) {
  const who = listener(id);
  const asked = useAsked(() => api.taste(id), id);
  const [changed, setChanged] = useState<Taste | undefined>(undefined);
  if (asked.error !== undefined) return <Trouble error={asked.error} retry={asked.again} />;
  const taste = changed ?? asked.value;
  if (!who || !taste) return <BackLink />;
  const again = () => {
    setChanged(undefined);
    asked.again();
  };
  return (
    <div class="settings taste">
      <BackLink />
      <header class="view-head">
        <h1>{t("taste.title", { name: who.name })}</h1>
      </header>
      <Known who={who} taste={taste} />
      <section class="panel" aria-labelledby="taste-leanings">
        <h2 id="taste-leanings">{t("taste.leanings")}</h2>
        <Leanings of={id} taste={taste} set={setChanged} />
      </section>
      {taste.wishes.length > 0 && (
        <section class="panel" aria-labelledby="taste-wishes">
          <h2 id="taste-wishes">{t("taste.wishes")}</h2>
          <Wishes of={id} taste={taste} set={setChanged} />
        </section>
      )}
      <NotMe id={id} again={again} />
      <Scrobbling id={id} />
      <Keep who={who} again={again} />
    </div>
  );
}

function Known({ who, taste }: { who: Listener; taste: Taste }) {
  const mine = me.value?.id === who.id;
  const since = taste.since ? new Date(taste.since).toLocaleDateString(lang.value, { dateStyle: "long" }) : "";
  const change = (to: Partial<Listener>) => attempt(() => api.changeListener(who.id, to));
  return (
    <section class="panel" aria-labelledby="taste-known">
      <h2 id="taste-known">{t("taste.known")}</h2>
      <p>
        {taste.plays === 0 ? t("taste.nothing") : t("taste.plays", { n: taste.plays, since })}
        {(taste.likes > 0 || taste.dislikes > 0) && ` ${t("taste.ratings", { likes: taste.likes, dislikes: taste.dislikes })}`}
      </p>
      {taste.settling > 0 && <p class="quiet">{t("taste.settling", { n: taste.settling })}</p>}
      <Switch label={t("taste.learning")} hint={t("taste.learning.hint")} on={who.learning} set={(learning) => change({ learning })} />
      <Switch label={t("taste.child")} hint={t("taste.child.hint")} on={who.child} set={(child) => change({ child })} />
      <div class="actions start">
        <IconButton icon="pencil" label={t("common.rename")} onClick={() => askName(t("common.rename"), t("common.name"), who.name, async (name) => (await change({ name })) !== undefined)} />
        {mine ? (
          <span class="quiet">{t("taste.me")}</span>
        ) : (
          <button type="button" class="button" onClick={() => (chosenListener.value = who.id)}>
            {t("taste.be", { name: who.name })}
          </button>
        )}
      </div>
    </section>
  );
}

const spans = [1, 3, 24] as const;

function NotMe({ id, again }: { id: string; again: () => void }) {
  const take = async (hours: number) => {
    const taken = await attempt(() => api.notMe(id, hours));
    if (!taken) return;
    say(t("taste.notMe.done", { n: taken.plays }));
    again();
  };
  return (
    <section class="panel" aria-labelledby="taste-not-me">
      <h2 id="taste-not-me">{t("taste.notMe")}</h2>
      <p class="quiet">{t("taste.notMe.hint")}</p>
      <div class="actions start">
        {spans.map((hours) => (
          <button key={hours} type="button" class="button" onClick={() => confirmThen(t("taste.notMe.ask"), t(`taste.notMe.${hours}`), t("taste.notMe.yes"), () => take(hours))}>
            {t(`taste.notMe.${hours}`)}
          </button>
        ))}
      </div>
    </section>
  );
}

function Keep({ who, again }: { who: Listener; again: () => void }) {
  const forget = async () => {
    if (await attempt(async () => (await api.forgetTaste(who.id), true))) again();
  };
  const remove = async () => {
    if (await attempt(async () => (await api.deleteListener(who.id), true))) go({ tab: "settings" });
  };
  return (
    <section class="panel" aria-labelledby="taste-keep">
      <h2 id="taste-keep">{t("taste.keep")}</h2>
      <p class="quiet">{t("taste.keep.hint")}</p>
      <div class="actions start">
        <a class="button" href={api.exportOf(who.id)} download>
          {t("taste.export")}
        </a>
        <button type="button" class="button" onClick={() => confirmThen(t("taste.reset.ask", { name: who.name }), t("taste.reset.hint"), t("taste.reset"), forget)}>
          {t("taste.reset")}
        </button>
        <button type="button" class="button danger" onClick={() => confirmThen(t("taste.delete.ask", { name: who.name }), t("taste.delete.hint"), t("common.delete"), remove)}>
          {t("taste.delete")}
        </button>
      </div>
    </section>
  );
}
