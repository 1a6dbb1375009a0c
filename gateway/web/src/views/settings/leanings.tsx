import { api } from "../../api/client";
import type { Leaning, Taste, Wanted } from "../../api/types";
import { t, tagName } from "../../i18n";
import { attempt } from "../../state/toasts";
import { Icon, type IconName } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";

interface Props {
  of: string;
  taste: Taste;
  set: (taste: Taste) => void;
}

const wants: readonly [Wanted, IconName][] = [
  ["pin", "pin"],
  ["more", "plus"],
  ["ban", "dislike"],
];

function nameOf(l: { kind: string; name: string }): string {
  return l.kind === "genre" || l.kind === "mood" ? tagName(l.name) : l.name;
}

/** What somebody likes, from the most to the least, each to be corrected. */
export function Leanings({ of, taste, set }: Props) {
  if (taste.leanings.length === 0) return <p class="quiet">{t("taste.leanings.none")}</p>;
  const wished = new Map(taste.wishes.map((w) => [`${w.kind}/${w.id}`, w.wish]));
  const most = Math.max(...taste.leanings.map((l) => Math.abs(l.liking)), 0.001);
  const wish = async (l: Leaning, to: Wanted | "") => {
    const after = await attempt(() => api.wish(of, l.kind, l.id, to));
    if (after) set(after);
  };
  return (
    <ul class="leanings">
      {taste.leanings.map((l) => {
        const now = wished.get(`${l.kind}/${l.id}`);
        return (
          <li key={`${l.kind}/${l.id}`}>
            <span class="row-text">
              <span class="row-title">{nameOf(l)}</span>
              <span class="row-sub">{t(`taste.kind.${l.kind === "genre" || l.kind === "mood" ? l.kind : "artist"}`)}</span>
              <span class={`leaning ${l.liking < 0 ? "is-against" : ""}`} aria-hidden="true">
                <span style={{ width: `${Math.round((100 * Math.abs(l.liking)) / most)}%` }} />
              </span>
            </span>
            {wants.map(([to, icon]) => (
              <IconButton key={to} icon={icon} label={t(`wish.${to}`, { name: nameOf(l) })} pressed={now === to} size={22} onClick={() => wish(l, now === to ? "" : to)} />
            ))}
          </li>
        );
      })}
    </ul>
  );
}

/** What somebody asked for, to be taken back. */
export function Wishes({ of, taste, set }: Props) {
  const back = async (kind: string, id: string) => {
    const after = await attempt(() => api.wish(of, kind, id, ""));
    if (after) set(after);
  };
  return (
    <ul class="leanings">
      {taste.wishes.map((w) => (
        <li key={`${w.kind}/${w.id}`}>
          <Icon name={wants.find(([to]) => to === w.wish)?.[1] ?? "plus"} size={22} />
          <span class="row-text">
            <span class="row-title">{nameOf(w)}</span>
            <span class="row-sub">{t(`wish.${w.wish}.is`)}</span>
          </span>
          <IconButton icon="close" label={t("wish.back", { name: nameOf(w) })} size={20} onClick={() => back(w.kind, w.id)} />
        </li>
      ))}
    </ul>
  );
}
