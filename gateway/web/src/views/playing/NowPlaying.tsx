import type { ComponentChildren } from "preact";
import type { Track, Zone } from "../../api/types";
import { said, t } from "../../i18n";
import { scan, zone } from "../../state/live";
import { rate, rating } from "../../state/player";
import { hrefTo } from "../../state/route";
import { Gate } from "../../ui/Gate";
import { IconButton } from "../../ui/IconButton";
import { ReadAgain } from "../../ui/ReadAgain";
import { JumpButton } from "./JumpButton";
import { Scrubber } from "./Scrubber";
import { Stage } from "./Stage";
import { Transport } from "./Transport";
import { UpNext } from "./UpNext";
import { Volumes } from "./Volumes";
import { WhoListens } from "./WhoListens";

export function NowPlaying() {
  const z = zone.value;
  if (!z) return <Quiet title={t("playing.noZone")} hint={t("playing.noZone.hint")} />;
  return (
    <div class="playing">
      <h1 class="unseen">{t("playing.title")}</h1>
      <div class="playing-main">
        {z.track ? (
          <>
            <Stage zone={z} />
            <Title zone={z} track={z.track} />
            <Scrubber zone={z} />
          </>
        ) : (
          <Nothing />
        )}
        <Transport zone={z} />
        <JumpButton zone={z} />
        <Volumes zone={z} />
        <WhoListens zone={z} />
      </div>
      <UpNext zone={z} />
    </div>
  );
}

function Nothing() {
  const s = scan.value;
  if (s === null || s.total > 0) return <Quiet title={t("playing.nothing")} hint={t("playing.nothing.hint")} />;
  if (s.running || !s.finished) return <Quiet title={t("playing.empty")} hint={t("playing.empty.hint")} />;
  return (
    <Quiet title={t("playing.empty")} hint={t("library.empty.folder")}>
      <ReadAgain />
    </Quiet>
  );
}

function Quiet({ title, hint, children }: { title: string; hint: string; children?: ComponentChildren }) {
  return (
    <div class="nothing">
      <Gate class="nothing-gate" />
      <p class="nothing-title">{title}</p>
      <p class="quiet">{hint}</p>
      {children}
    </div>
  );
}

function Title({ zone: z, track }: { zone: Zone; track: Track }) {
  const liked = rating(track, z.id);
  return (
    <div class={`title-row ${track.live ? "is-live" : ""}`}>
      {!track.live && (
        <IconButton
          icon="dislike"
          class="dislike"
          label={t("playing.dislike")}
          pressed={liked === -1}
          onClick={() => rate(track, liked === -1 ? 0 : -1, z.id)}
        />
      )}
      <div class="title-text">
        <p class="title">{track.title}</p>
        <p class="byline">
          {track.artistId ? <a href={hrefTo({ tab: "library", detail: "artist", id: track.artistId })}>{track.artist}</a> : track.artist}
          {track.album && (
            <>
              {track.artist && " · "}
              {track.albumId ? <a href={hrefTo({ tab: "library", detail: "album", id: track.albumId })}>{track.album}</a> : track.album}
            </>
          )}
        </p>
        <Why zone={z} />
      </div>
      {!track.live && (
        <IconButton
          icon={liked === 1 ? "liked" : "like"}
          class="like"
          label={t("playing.like")}
          pressed={liked === 1}
          onClick={() => rate(track, liked === 1 ? 0 : 1, z.id)}
        />
      )}
    </div>
  );
}

/** Why this plays: somebody's pick, or the flow's reason. */
function Why({ zone: z }: { zone: Zone }) {
  if (z.problem) return <p class="why problem">{said(z.problem, z.problemPhrase)}</p>;
  if (!z.entry) return null;
  const flows = z.entry.by === "flow";
  return (
    <p class={`why ${flows ? "is-flow" : "is-pick"}`}>
      <span class="by">{t(flows ? "playing.flow" : "playing.picked")}</span>
      {flows && z.entry.why && <span> {said(z.entry.why, z.entry.whyPhrase)}</span>}
    </p>
  );
}
