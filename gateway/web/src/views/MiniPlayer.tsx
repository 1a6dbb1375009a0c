import type { Zone } from "../api/types";
import { t } from "../i18n";
import { members, zone } from "../state/live";
import { hrefTo } from "../state/route";
import { Cover } from "../ui/Cover";
import { JumpButton } from "./playing/JumpButton";
import { usePosition } from "./playing/Scrubber";
import { ZoneVolume } from "./playing/Volumes";
import { Transport } from "./playing/Transport";

/** What plays, at the foot of every other view. */
export function MiniPlayer() {
  const z = zone.value;
  if (!z?.track) return null;
  return (
    <section class="mini" aria-label={t("playing.title")}>
      <Progress zone={z} />
      <a class="mini-track" href={hrefTo({ tab: "playing" })} title={t("playing.open")}>
        <Cover cover={z.track.cover} title={z.track.album || z.track.title} size={96} class="row-cover" />
        <span class="row-text">
          <span class="row-title">{z.track.title}</span>
          <span class="row-sub">{z.track.artist}</span>
        </span>
      </a>
      <Transport zone={z} small />
      <div class="mini-end">
        {members(z).some((d) => d.volume !== null) && <ZoneVolume list={members(z)} />}
        <JumpButton zone={z} small />
      </div>
    </section>
  );
}

function Progress({ zone: z }: { zone: Zone }) {
  const at = usePosition(z);
  const total = z.track?.durationMs ?? 0;
  return <span class="mini-progress" aria-hidden="true" style={{ "--fill": `${total > 0 ? (at / total) * 100 : 0}%` }} />;
}
