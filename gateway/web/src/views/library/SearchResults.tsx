import type { SearchResult } from "../../api/types";
import { t } from "../../i18n";
import { add } from "../../state/player";
import { hrefTo } from "../../state/route";
import { found, search } from "../../state/search";
import { Cover } from "../../ui/Cover";
import { Icon } from "../../ui/icons";
import { TrackRow } from "../../ui/TrackRow";
import { AlbumCard } from "./AlbumCard";
import { MixSwitch, useMix } from "./mix";
import { Trouble } from "./Trouble";

export function SearchResults({ q }: { q: string }) {
  const { result, error } = found.value;
  if (error !== undefined) {
    return (
      <Trouble
        error={error}
        retry={() => {
          search("");
          search(q);
        }}
      />
    );
  }
  if (!result) return null;
  const n = result.tracks.length + result.albums.length + result.artists.length + result.playlists.length;
  return (
    <div class="found">
      <p class="unseen" role="status">
        {n === 0 ? t("library.nothing", { q }) : t("library.found", { n })}
      </p>
      {n === 0 && <p class="quiet empty">{t("library.nothing", { q })}</p>}
      <Groups result={result} />
    </div>
  );
}

function Groups({ result }: { result: SearchResult }) {
  const mix = useMix(result.tracks);
  return (
    <>
      {(result.artists.length > 0 || result.playlists.length > 0) && (
        <ul class="chips">
          {result.artists.map((a) => (
            <li key={a.id}>
              <a href={hrefTo({ tab: "library", detail: "artist", id: a.id })}>
                <Cover cover={a.cover} title={a.name} size={96} />
                {a.name}
              </a>
            </li>
          ))}
          {result.playlists.map((p) => (
            <li key={p.id}>
              <a href={hrefTo({ tab: "library", detail: "playlist", id: p.id })}>
                <Icon name="queue" size={20} />
                {p.name}
              </a>
            </li>
          ))}
        </ul>
      )}
      {result.albums.length > 0 && (
        <section>
          <h2 class="group">{t("library.albums")}</h2>
          <div class="found-albums">
            {result.albums.map((a) => (
              <AlbumCard key={a.id} album={a} />
            ))}
          </div>
        </section>
      )}
      {result.tracks.length > 0 && (
        <section>
          <div class="group-head">
            <h2 class="group">{t("library.tracks")}</h2>
            <MixSwitch mix={mix} />
          </div>
          {mix.shown.map(({ track, why }) => (
            <TrackRow key={track.id} track={track} {...(why ? { sub: [track.artist, why].filter(Boolean).join(" · ") } : {})} onPlay={() => add({ tracks: [track.id] }, "now", track.title)} />
          ))}
        </section>
      )}
    </>
  );
}
