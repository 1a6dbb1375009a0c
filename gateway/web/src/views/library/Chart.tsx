import { api } from "../../api/client";
import { said, t } from "../../i18n";
import { me } from "../../state/listeners";
import { hrefTo } from "../../state/route";
import { add } from "../../state/player";
import { Cover } from "../../ui/Cover";
import { TrackRow } from "../../ui/TrackRow";
import { Trouble } from "./Trouble";
import { useAsked } from "./useAsked";

/** This listener's own chart. */
export function Chart() {
  const who = me.value;
  const { value, error, again } = useAsked(() => api.chart(), `chart ${who?.id ?? ""}`);
  if (error !== undefined) return <Trouble error={error} retry={again} />;
  if (!value) return null;
  if (value.items.length === 0) return <p class="quiet empty">{t("library.chart.empty")}</p>;
  const ids = value.items.map((i) => i.track.id);
  return (
    <>
      {who && (
        <p class="chart-for quiet">
          {t("library.chart.for", { name: who.name })} <a href={hrefTo({ tab: "settings", taste: who.id })}>{t("library.chart.taste")}</a>
        </p>
      )}
      <ol class="chart">
      {value.items.map(({ track, why, whyPhrase }, i) => (
        <li key={track.id}>
          <TrackRow
            track={track}
            sub={[track.artist, said(why, whyPhrase)].filter(Boolean).join(" · ")}
            lead={
              <>
                <span class="chart-number">{i + 1}</span>
                <Cover cover={track.cover} title={track.album || track.title} size={96} class="row-cover" />
              </>
            }
            onPlay={() => add({ tracks: ids.slice(i), clear: true }, "now", track.title)}
          />
        </li>
      ))}
      </ol>
    </>
  );
}
