import { useMemo } from "preact/hooks";
import { api } from "../../api/client";
import type { ChartItem } from "../../api/types";
import { said, t } from "../../i18n";
import { me } from "../../state/listeners";
import { hrefTo } from "../../state/route";
import { add } from "../../state/player";
import { Cover } from "../../ui/Cover";
import { TrackRow } from "../../ui/TrackRow";
import { MixSwitch, useMix } from "./mix";
import { Trouble } from "./Trouble";
import { useAsked } from "./useAsked";

/** This listener's own chart. */
export function Chart() {
  const { value, error, again } = useAsked(() => api.chart(), `chart ${me.value?.id ?? ""}`);
  if (error !== undefined) return <Trouble error={error} retry={again} />;
  if (!value) return null;
  if (value.items.length === 0) return <p class="quiet empty">{t("library.chart.empty")}</p>;
  return <Shown chart={value.items} />;
}

/** The chart in its own order, or by what this listener likes now. */
function Shown({ chart }: { chart: ChartItem[] }) {
  const who = me.value;
  const tracks = useMemo(() => chart.map((i) => i.track), [chart]);
  const mix = useMix(tracks);
  const because = new Map(chart.map((i) => [i.track.id, said(i.why, i.whyPhrase)]));
  const ids = mix.shown.map((p) => p.track.id);
  return (
    <>
      <div class="shelf-tools">
        <MixSwitch mix={mix} />
      </div>
      {who && (
        <p class="chart-for quiet">
          {t("library.chart.for", { name: who.name })} <a href={hrefTo({ tab: "settings", taste: who.id })}>{t("library.chart.taste")}</a>
        </p>
      )}
      <ol class="chart">
        {mix.shown.map(({ track, why }, i) => (
          <li key={track.id}>
            <TrackRow
              track={track}
              sub={[track.artist, why || because.get(track.id)].filter(Boolean).join(" · ")}
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
