import { api } from "../../api/client";
import type { ArtistDetail } from "../../api/types";
import { t } from "../../i18n";
import { add } from "../../state/player";
import { TrackRow } from "../../ui/TrackRow";
import { AlbumCard } from "./AlbumCard";
import { BackLink, DetailHead } from "./DetailHead";
import { MixSwitch, useMix } from "./mix";
import { Trouble } from "./Trouble";
import { useAsked } from "./useAsked";

const shownTracks = 200;

export function ArtistView({ id }: { id: string }) {
  const { value, error, again } = useAsked(() => api.artist(id), id);
  if (error !== undefined) return <Trouble error={error} retry={again} />;
  if (!value) return <BackLink />;
  return <Shown detail={value} />;
}

function Shown({ detail: { artist, albums, tracks } }: { detail: ArtistDetail }) {
  const mix = useMix(tracks);
  return (
    <article class="detail">
      <BackLink />
      <DetailHead title={artist.name || t("library.unknownArtist")} cover={artist.cover} round what={mix.on ? { tracks: mix.shown.map((p) => p.track.id) } : { artist: artist.id }} extra={<MixSwitch mix={mix} />}>
        <p class="quiet">
          {t("library.albums.n", { n: artist.albums })} · {t("library.tracks.n", { n: artist.tracks })}
        </p>
      </DetailHead>
      {albums.length > 0 && (
        <section>
          <h2 class="group">{t("library.albums")}</h2>
          <div class="found-albums">
            {albums.map((a) => (
              <AlbumCard key={a.id} album={a} />
            ))}
          </div>
        </section>
      )}
      <section>
        <h2 class="group">{t("library.tracks")}</h2>
        {mix.shown.slice(0, shownTracks).map(({ track, why }) => (
          <TrackRow key={track.id} track={track} sub={why || track.album} onPlay={() => add({ tracks: [track.id] }, "now", track.title)} />
        ))}
      </section>
    </article>
  );
}
