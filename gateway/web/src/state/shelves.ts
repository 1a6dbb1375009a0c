import { effect } from "@preact/signals";
import { api } from "../api/client";
import type { Album, Artist, Playlist, Track } from "../api/types";
import { connected, playlistsRevision, scan } from "./live";
import { PagedList } from "./pages";

// The library's long lists: kept while the page lives, so that going back is
// instant, and asked again when the library has changed.

export const albums = new PagedList<Album>((offset, limit, signal) => api.albums({ offset, limit }, signal));
export const artists = new PagedList<Artist>((offset, limit, signal) => api.artists({ offset, limit }, signal));
export const tracks = new PagedList<Track>((offset, limit, signal) => api.tracks({ offset, limit }, signal));
export const playlists = new PagedList<Playlist>((offset, limit, signal) => api.playlists({ offset, limit }, signal));

const whileScanning = 4000; // ms between refreshes

export function keepShelves(): void {
  let last = 0;
  let wasRunning = false;
  const all = () => [albums, artists, tracks].forEach((l) => l.refresh());
  effect(() => {
    const running = scan.value?.running ?? false;
    const now = Date.now();
    if ((wasRunning && !running) || (running && now - last > whileScanning)) {
      last = now;
      all();
    }
    wasRunning = running;
  });
  effect(() => {
    if (playlistsRevision.value >= 0) playlists.refresh();
  });
  effect(() => {
    if (connected.value) all();
  });
}
