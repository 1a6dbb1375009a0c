import { useEffect, useState } from "preact/hooks";
import { t, type Key } from "../../i18n";
import { scan } from "../../state/live";
import { add } from "../../state/player";
import type { PagedList } from "../../state/pages";
import { hrefTo } from "../../state/route";
import { albums, artists, playlists, tracks } from "../../state/shelves";
import { Cover } from "../../ui/Cover";
import { Icon } from "../../ui/icons";
import { ReadAgain } from "../../ui/ReadAgain";
import { TrackRow } from "../../ui/TrackRow";
import { Virtual } from "../../ui/Virtual";
import { AlbumCard } from "./AlbumCard";
import { MixButton, mixedLibrary, mostMixed, type Placed } from "./mix";
import { Trouble } from "./Trouble";

const cardText = 62; // px under a cover
const row = 64;

/** What stands instead of a list that is empty or could not be fetched. */
function State({ list, empty }: { list: PagedList<unknown>; empty: Key }) {
  if (list.error.value !== undefined && list.total.value === undefined) {
    return <Trouble error={list.error.value} />;
  }
  if (list.total.value !== 0) return null;
  const s = scan.value;
  if (empty !== "library.empty" || s === null || s.running || s.total > 0) return <p class="quiet empty">{t(empty)}</p>;
  return (
    <div class="quiet empty">
      <p>{t("library.empty.folder")}</p>
      <ReadAgain />
    </div>
  );
}

export function AlbumShelf() {
  return (
    <>
      <State list={albums} empty="library.empty" />
      <Virtual
        list={albums}
        label={t("library.albums")}
        keyOf={(a) => a.id}
        columnWidth={148}
        gap={18}
        rowHeight={(w) => w + cardText}
        item={(a) => (a ? <AlbumCard album={a} /> : <div class="card-blank" />)}
      />
    </>
  );
}

export function ArtistShelf() {
  return (
    <>
      <State list={artists} empty="library.empty" />
      <Virtual
        list={artists}
        label={t("library.artists")}
        keyOf={(a) => a.id}
        columnWidth={148}
        gap={18}
        rowHeight={(w) => w + cardText}
        item={(a) =>
          a ? (
            <a class="card artist" href={hrefTo({ tab: "library", detail: "artist", id: a.id })}>
              <Cover cover={a.cover} title={a.name} size={320} />
              <span class="card-title">{a.name || t("library.unknownArtist")}</span>
              <span class="card-sub">{t("library.tracks.n", { n: a.tracks })}</span>
            </a>
          ) : (
            <div class="card-blank round" />
          )
        }
      />
    </>
  );
}

export function TrackShelf() {
  const [mixed, setMixed] = useState<PagedList<Placed> | null>(null);
  useEffect(() => () => mixed?.close(), [mixed]);
  const total = tracks.total.value ?? 0;
  return (
    <>
      <State list={mixed ?? tracks} empty="library.empty" />
      {total > 1 && total <= mostMixed && (
        <div class="shelf-tools">
          <MixButton on={mixed !== null} toggle={() => setMixed(mixed ? null : mixedLibrary())} />
        </div>
      )}
      {mixed ? (
        <Virtual
          key="mixed"
          list={mixed}
          label={t("library.tracks")}
          keyOf={(p) => p.track.id}
          rowHeight={() => row}
          item={(p) => p && <TrackRow track={p.track} {...(p.why ? { sub: p.why } : {})} onPlay={() => add({ tracks: [p.track.id] }, "now", p.track.title)} />}
        />
      ) : (
        <Virtual
          key="all"
          list={tracks}
          label={t("library.tracks")}
          keyOf={(track) => track.id}
          rowHeight={() => row}
          item={(track) => track && <TrackRow track={track} onPlay={() => add({ tracks: [track.id] }, "now", track.title)} />}
        />
      )}
    </>
  );
}

export function PlaylistShelf() {
  return (
    <>
      <State list={playlists} empty="library.playlists.empty" />
      <Virtual
        list={playlists}
        label={t("library.playlists")}
        keyOf={(p) => p.id}
        rowHeight={() => row}
        item={(p) =>
          p && (
            <a class="list-row" href={hrefTo({ tab: "library", detail: "playlist", id: p.id })}>
              <span class="list-icon">
                <Icon name="queue" />
              </span>
              <span class="row-text">
                <span class="row-title">{p.name}</span>
                <span class="row-sub">{t("library.tracks.n", { n: p.tracks })}</span>
              </span>
            </a>
          )
        }
      />
    </>
  );
}
