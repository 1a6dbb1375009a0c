import type { Track } from "../api/types";
import { api } from "../api/client";
import { said, t } from "../i18n";
import { tasteOf, wishFor } from "../state/listeners";
import { zone } from "../state/live";
import { add, rate, rating } from "../state/player";
import { go } from "../state/route";
import { attempt, say } from "../state/toasts";
import { Cover } from "./Cover";
import { Dialog } from "./Dialog";
import { closeDialog, openDialog } from "./dialogs";
import { Icon, type IconName } from "./icons";

export interface SheetAction {
  icon: IconName;
  label: string;
  run: () => unknown;
}

/** What can be done with a track; a queue entry's own stands instead of playing it anew. */
export function openTrackSheet(track: Track, extra: SheetAction[] = []): void {
  openDialog(<TrackSheet track={track} extra={extra} />);
}

function TrackSheet({ track, extra }: { track: Track; extra: SheetAction[] }) {
  const liked = rating(track);
  const tracks = [track.id];
  const actions: SheetAction[] = [...extra];
  if (!track.live) {
    if (extra.length === 0) actions.push({ icon: "play", label: t("track.play"), run: () => add({ tracks }, "now", track.title) });
    actions.push(
      { icon: "queue", label: t("track.next"), run: () => add({ tracks }, "next", track.title) },
      { icon: "plus", label: t("track.end"), run: () => add({ tracks }, "end", track.title) },
      { icon: "flow", label: t("track.flow"), run: () => flowFrom(track) },
      { icon: liked === 1 ? "liked" : "like", label: t("playing.like"), run: () => rate(track, liked === 1 ? 0 : 1) },
      { icon: "dislike", label: t("playing.dislike"), run: () => rate(track, liked === -1 ? 0 : -1) },
    );
  }
  const z = zone.value;
  if (track.artistId && z) {
    const taste = tasteOf(z);
    actions.push({ icon: "plus", label: t("wish.more", { name: track.artist }), run: () => wishFor(taste, "artist", track.artistId, track.artist, "more") });
    actions.push({ icon: "dislike", label: t("wish.ban", { name: track.artist }), run: () => wishFor(taste, "artist", track.artistId, track.artist, "ban") });
  }
  if (track.albumId) actions.push({ icon: "album", label: t("track.album"), run: () => go({ tab: "library", detail: "album", id: track.albumId }) });
  if (track.artistId) actions.push({ icon: "person", label: t("track.artist"), run: () => go({ tab: "library", detail: "artist", id: track.artistId }) });
  return (
    <Dialog title={track.title} onClose={closeDialog}>
      <div class="sheet-track">
        <Cover cover={track.cover} title={track.album || track.title} size={96} />
        <p>
          {track.artist}
          <br />
          <span class="quiet">{track.album}</span>
        </p>
      </div>
      {track.waiting && <p class="quiet">{t("library.waiting", { why: said(track.waiting, track.waitingPhrase) })}</p>}
      <ul class="sheet-actions">
        {actions.map((a) => (
          <li key={a.label}>
            <button
              type="button"
              onClick={() => {
                closeDialog();
                void a.run();
              }}
            >
              <Icon name={a.icon} />
              {a.label}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

async function flowFrom(track: Track): Promise<void> {
  const z = zone.value;
  if (!z) return;
  await attempt(async () => {
    await api.changeZone(z.id, { context: { kind: "track", id: track.id, name: track.title } });
    say(t("flow.set", { title: track.title }));
  });
}
