import { useEffect } from "preact/hooks";
import type { QueueItem, Zone } from "../../api/types";
import { said, t } from "../../i18n";
import { playEntry } from "../../state/player";
import { queue } from "../../state/queue";
import { hrefTo } from "../../state/route";
import { Icon } from "../../ui/icons";
import { TrackRow } from "../../ui/TrackRow";

const shown = 7;

/** The next few entries, beside the cover on a wide screen. */
export function UpNext({ zone: z }: { zone: Zone }) {
  const list = queue.value?.list;
  const version = list?.version.value;
  const first = z.index + 1;
  useEffect(() => list?.need(first, first + shown), [list, first, version]);
  const items: QueueItem[] = [];
  for (let i = first; i < first + shown; i++) {
    const item = list?.at(i);
    if (item) items.push(item);
  }
  if (items.length === 0) return null;
  const flowAt = items.findIndex((i) => i.by === "flow");
  return (
    <section class="up-next" aria-labelledby="up-next">
      <header class="section-head">
        <h2 id="up-next">{t("playing.upNext")}</h2>
        <a href={hrefTo({ tab: "queue" })}>{t("playing.wholeQueue")}</a>
      </header>
      <ol>
        {items.map((item, i) => (
          <li key={item.id} class={item.by === "flow" ? "is-flow" : "is-pick"}>
            {i === flowAt && (
              <p class="flow-mark">
                <Icon name="flow" size={18} />
                {t("queue.flow")}
              </p>
            )}
            <TrackRow track={item.track} onPlay={() => playEntry(item.id)} {...(item.by === "flow" && item.why ? { sub: [item.track.artist, said(item.why, item.whyPhrase)].filter(Boolean).join(" · ") } : {})} />
          </li>
        ))}
      </ol>
    </section>
  );
}
