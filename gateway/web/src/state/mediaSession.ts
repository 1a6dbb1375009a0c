import { effect } from "@preact/signals";
import { coverURL } from "../api/client";
import { listening } from "./listen";
import { zones } from "./live";
import { heard, next, pause, play, previous, seek } from "./player";

/** The lock screen and the keys of a headset, while this tab is a speaker. */
export function keepMediaSession(): void {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => void play()],
    ["pause", () => void pause()],
    ["nexttrack", () => void next()],
    ["previoustrack", () => void previous()],
    ["seekto", (d) => void (d.seekTime !== undefined && seek(d.seekTime * 1000))],
  ];
  effect(() => {
    const l = listening.value;
    const z = l ? zones.value.get(l.zone) : undefined;
    for (const [action, handler] of actions) session.setActionHandler(action, z ? handler : null);
    if (!z?.track) {
      session.metadata = null;
      session.playbackState = "none";
      return;
    }
    const { title, artist, album, cover, durationMs } = z.track;
    session.metadata = new MediaMetadata({ title, artist, album, artwork: cover ? [{ src: coverURL(cover, 640) }] : [] });
    session.playbackState = z.state === "playing" ? "playing" : "paused";
    if (durationMs > 0) session.setPositionState({ duration: durationMs / 1000, position: heard(z) / 1000 });
  });
}
