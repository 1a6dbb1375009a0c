import { api } from "../../api/client";
import type { AlbumDetail, Track } from "../../api/types";
import { span, t } from "../../i18n";
import { add } from "../../state/player";
import { hrefTo } from "../../state/route";
import { TrackRow } from "../../ui/TrackRow";
import { BackLink, DetailHead } from "./DetailHead";
import { MixSwitch, useMix, type Placed } from "./mix";
import { Trouble } from "./Trouble";
import { useAsked } from "./useAsked";

export function AlbumView({ id }: { id: string }) {
  const { value, error, again } = useAsked(() => api.album(id), id);
  if (error !== undefined) return <Trouble error={error} retry={again} />;
  if (!value) return <BackLink />;
  return <Shown detail={value} />;
}

function Shown({ detail: { album, tracks } }: { detail: AlbumDetail }) {
  const mix = useMix(tracks);
  const title = album.title || t("library.unknownAlbum");
  const ids = mix.shown.map((p) => p.track).filter((x) => !x.waiting).map((x) => x.id);
  const from = (track: Track) => add({ tracks: ids.slice(Math.max(0, ids.indexOf(track.id))), clear: true }, "now", track.title);
  return (
    <article class="detail">
      <BackLink />
      <DetailHead title={title} cover={album.cover} what={mix.on ? { tracks: ids } : { album: album.id }} extra={<MixSwitch mix={mix} />}>
        <p class="detail-by">
          {album.artistId ? <a href={hrefTo({ tab: "library", detail: "artist", id: album.artistId })}>{album.artist}</a> : album.artist}
        </p>
        <p class="quiet">{[album.year || "", t("library.tracks.n", { n: album.tracks }), span(album.durationMs)].filter(Boolean).join(" · ")}</p>
      </DetailHead>
      {mix.on ? <Mixed list={mix.shown} play={from} /> : <Discs tracks={tracks} albumArtist={album.artist} play={from} />}
    </article>
  );
}

function Mixed({ list, play }: { list: Placed[]; play: (track: Track) => unknown }) {
  return (
    <ol class="album-tracks">
      {list.map(({ track, why }, i) => (
        <li key={track.id}>
          <TrackRow track={track} lead={<span class="track-number">{i + 1}</span>} sub={why} onPlay={() => play(track)} />
        </li>
      ))}
    </ol>
  );
}

interface DiscsProps {
  tracks: Track[];
  albumArtist: string;
  play: (track: Track) => unknown;
}

function Discs({ tracks, albumArtist, play }: DiscsProps) {
  const many = new Set(tracks.map((x) => x.disc)).size > 1;
  return (
    <ol class="album-tracks">
      {tracks.map((track, i) => (
        <li key={track.id}>
          {many && track.disc !== tracks[i - 1]?.disc && <h2 class="group">{t("library.disc", { n: track.disc })}</h2>}
          <TrackRow
            track={track}
            lead={<span class="track-number">{track.number || "·"}</span>}
            sub={track.artist === albumArtist ? "" : track.artist}
            onPlay={() => play(track)}
          />
        </li>
      ))}
    </ol>
  );
}
