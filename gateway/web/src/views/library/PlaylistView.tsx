import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { PlaylistDetail } from "../../api/types";
import { span, t } from "../../i18n";
import { playlistsRevision } from "../../state/live";
import { add } from "../../state/player";
import { PagedList } from "../../state/pages";
import { go } from "../../state/route";
import { attempt } from "../../state/toasts";
import { askName, confirmThen } from "../../ui/dialogs";
import { IconButton } from "../../ui/IconButton";
import { TrackRow } from "../../ui/TrackRow";
import { Virtual } from "../../ui/Virtual";
import { BackLink, DetailHead } from "./DetailHead";
import { MixSwitch, useMix, type Placed } from "./mix";
import { Trouble } from "./Trouble";
import { useAsked } from "./useAsked";

export function PlaylistView({ id }: { id: string }) {
  const { value, error, again } = useAsked(() => api.playlist(id), `${id} ${playlistsRevision.value}`);
  const [last, setLast] = useState<PlaylistDetail | undefined>(undefined);
  useEffect(() => {
    if (value) setLast(value);
  }, [value]);
  if (error !== undefined) return <Trouble error={error} retry={again} />;
  // A new revision is on its way: what was shown stays until it comes.
  const shown = value ?? (last?.playlist.id === id ? last : undefined);
  return shown ? <Shown detail={shown} /> : <BackLink />;
}

function Shown({ detail: { playlist, tracks } }: { detail: PlaylistDetail }) {
  const mix = useMix(tracks);
  const shown = mix.shown;
  const list = useMemo(() => held(shown), [tracks, mix.on, shown.map((p) => p.track.id).join(" ")]);
  const ids = shown.map((p) => p.track.id);
  return (
    <article class="detail">
      <BackLink />
      <DetailHead
        title={playlist.name}
        cover={tracks.find((x) => x.cover)?.cover ?? null}
        what={mix.on ? { tracks: ids } : { playlist: playlist.id }}
        extra={
          <>
            <MixSwitch mix={mix} />
            <Edit id={playlist.id} name={playlist.name} />
          </>
        }
      >
        <p class="quiet">
          {t("library.tracks.n", { n: tracks.length })} · {span(tracks.reduce((sum, x) => sum + x.durationMs, 0))}
        </p>
      </DetailHead>
      <Virtual<Placed>
        list={list}
        label={playlist.name}
        keyOf={(p) => p.track.id}
        rowHeight={() => 64}
        item={(p, i) => p && <TrackRow track={p.track} {...(p.why ? { sub: [p.track.artist, p.why].filter(Boolean).join(" · ") } : {})} onPlay={() => add({ tracks: ids.slice(i), clear: true }, "now", p.track.title)} />}
      />
    </article>
  );
}

/** A list that is already here, for what draws long lists. */
function held(tracks: Placed[]): PagedList<Placed> {
  return new PagedList((offset, limit) => Promise.resolve({ items: tracks.slice(offset, offset + limit), total: tracks.length, offset }));
}

function Edit({ id, name }: { id: string; name: string }) {
  const rename = () =>
    askName(t("common.rename"), t("common.name"), name, async (to) => {
      return (await attempt(() => api.changePlaylist(id, { name: to }))) !== undefined;
    });
  const remove = () =>
    confirmThen(t("playlist.delete.ask", { name }), t("playlist.delete.hint"), t("common.delete"), async () => {
      const ok = await attempt(async () => (await api.deletePlaylist(id), true));
      if (ok) go({ tab: "library", shelf: "playlists", q: "" });
    });
  return (
    <>
      <IconButton icon="pencil" label={t("common.rename")} onClick={rename} />
      <IconButton icon="trash" label={t("common.delete")} onClick={remove} />
    </>
  );
}
