import type { ComponentChildren } from "preact";
import type { Track } from "../api/types";
import { clockTime, said, t } from "../i18n";
import { connected, zone } from "../state/live";
import { Cover } from "./Cover";
import { IconButton } from "./IconButton";
import { openTrackSheet } from "./TrackSheet";

interface Props {
  track: Track;
  onPlay: () => unknown;
  /** In front: a number or a cover; left out, the cover. */
  lead?: ComponentChildren;
  /** The second line; left out, artist and album. */
  sub?: string;
}

/** A track as a row: a tap plays it, the dots offer the rest. */
export function TrackRow({ track, onPlay, lead, sub }: Props) {
  const playing = zone.value?.track?.id === track.id;
  const second = sub ?? [track.artist, track.album].filter(Boolean).join(" · ");
  return (
    <div class={`track-row ${playing ? "is-playing" : ""} ${track.waiting ? "is-waiting" : ""}`}>
      <button
        type="button"
        class="row-main"
        disabled={!connected.value || track.waiting !== ""}
        aria-current={playing ? "true" : undefined}
        title={track.waiting ? t("library.waiting", { why: said(track.waiting, track.waitingPhrase) }) : undefined}
        onClick={() => void onPlay()}
      >
        {lead ?? <Cover cover={track.cover} title={track.album || track.title} size={96} class="row-cover" />}
        <span class="row-text">
          <span class="row-title">{track.title}</span>
          <span class="row-sub">{said(track.waiting, track.waitingPhrase) || second}</span>
        </span>
        <span class="row-time">{clockTime(track.durationMs)}</span>
      </button>
      <IconButton icon="more" label={t("common.more", { name: track.title })} onClick={() => openTrackSheet(track)} local />
    </div>
  );
}
