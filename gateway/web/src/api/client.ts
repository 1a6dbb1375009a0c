import { query, request } from "./http";
import type {
  Album, AlbumDetail, Artist, ArtistDetail, CastMode, ChartItem, Context, Device, Listener, MixItem, NewToken, Page, PairMethod, Playlist, PlaylistDetail, QueueAdd,
  QueuePage, Rating, Repeat, Scan, ScanProblem, Scrobbling, SearchResult, Server, Taste, Token, Track, Wanted, Zone,
} from "./types";

const id = encodeURIComponent;

export interface Slice {
  offset: number;
  limit: number;
}

export interface DeviceChange {
  name?: string;
  zone?: string | null;
  volume?: number;
  muted?: boolean;
  ceiling?: number;
  approved?: boolean;
  delayMs?: number;
  cast?: { mode?: CastMode; hiRes?: boolean; hold?: boolean; certificate?: "accept" | "refuse"; member?: { id: string; volume?: number; muted?: boolean } };
}

export interface ZoneChange {
  name?: string;
  repeat?: Repeat;
  shuffle?: boolean;
  mix?: boolean;
  click?: boolean;
  crossfadeMs?: number;
  context?: Context;
  listeners?: string[];
  learning?: boolean;
}

/** The gateway's REST control, one method a route. */
export const api = {
  server: () => request<Server>("GET", "/server"),
  claim: (code: string, name: string, password: string) => request<unknown>("POST", "/claim", { code, name, password }),
  session: () => request<{ name: string }>("GET", "/session"),
  signIn: (name: string, password: string) => request<unknown>("POST", "/session", { name, password }),
  signOut: () => request<unknown>("DELETE", "/session"),

  tokens: () => request<{ items: Token[] }>("GET", "/tokens"),
  createToken: (name: string) => request<NewToken>("POST", "/tokens", { name }),
  deleteToken: (token: string) => request<unknown>("DELETE", `/tokens/${id(token)}`),

  tracks: (s: Slice & { album?: string; artist?: string }, signal?: AbortSignal) =>
    request<Page<Track>>("GET", `/tracks${query({ ...s })}`, undefined, signal),
  albums: (s: Slice & { artist?: string }, signal?: AbortSignal) =>
    request<Page<Album>>("GET", `/albums${query({ ...s })}`, undefined, signal),
  artists: (s: Slice, signal?: AbortSignal) => request<Page<Artist>>("GET", `/artists${query({ ...s })}`, undefined, signal),
  playlists: (s: Slice, signal?: AbortSignal) => request<Page<Playlist>>("GET", `/playlists${query({ ...s })}`, undefined, signal),
  album: (album: string) => request<AlbumDetail>("GET", `/albums/${id(album)}`),
  artist: (artist: string) => request<ArtistDetail>("GET", `/artists/${id(artist)}`),
  playlist: (list: string) => request<PlaylistDetail>("GET", `/playlists/${id(list)}`),
  createPlaylist: (from: { name: string; tracks?: string[]; zone?: string }) => request<Playlist>("POST", "/playlists", from),
  changePlaylist: (list: string, change: { name?: string; tracks?: string[] }) =>
    request<Playlist>("PATCH", `/playlists/${id(list)}`, change),
  deletePlaylist: (list: string) => request<unknown>("DELETE", `/playlists/${id(list)}`),
  rate: (track: string, value: Rating, zone?: string) => request<unknown>("PUT", `/tracks/${id(track)}/rating`, zone ? { value, zone } : { value }),
  search: (q: string, limit: number, signal?: AbortSignal) =>
    request<SearchResult>("GET", `/search${query({ q, limit })}`, undefined, signal),
  mix: (tracks: string[]) => request<{ items: MixItem[] }>("POST", "/mix", { tracks }),

  createListener: (name: string, child: boolean) => request<Listener>("POST", "/listeners", { name, child }),
  changeListener: (listener: string, change: Partial<Pick<Listener, "name" | "child" | "learning">>) =>
    request<Listener>("PATCH", `/listeners/${id(listener)}`, change),
  deleteListener: (listener: string) => request<unknown>("DELETE", `/listeners/${id(listener)}`),
  taste: (listener: string) => request<Taste>("GET", `/listeners/${id(listener)}/taste`),
  forgetTaste: (listener: string) => request<unknown>("DELETE", `/listeners/${id(listener)}/taste`),
  wish: (listener: string, kind: string, of: string, wish: Wanted | "") =>
    request<Taste>("PUT", `/listeners/${id(listener)}/wishes`, { kind, id: of, wish }),
  notMe: (listener: string, hours: number) => request<{ plays: number }>("POST", `/listeners/${id(listener)}/not-me`, { hours }),
  scrobbling: (listener: string) => request<Scrobbling>("GET", `/listeners/${id(listener)}/scrobbling`),
  scrobble: (listener: string, url: string, token: string) => request<Scrobbling>("PUT", `/listeners/${id(listener)}/scrobbling`, { url, token }),
  scrobbleNoMore: (listener: string) => request<unknown>("DELETE", `/listeners/${id(listener)}/scrobbling`),
  /** The address of everything that is known of a listener, as a file. */
  exportOf: (listener: string) => `/api/v1/listeners/${id(listener)}/export`,
  chart: () => request<{ items: ChartItem[] }>("GET", "/chart"),

  devices: () => request<{ items: Device[] }>("GET", "/devices"),
  addDevice: (kind: string, address: string, name?: string) =>
    request<Device>("POST", "/devices", name ? { kind, address, name } : { kind, address }),
  changeDevice: (device: string, change: DeviceChange) => request<Device>("PATCH", `/devices/${id(device)}`, change),
  deleteDevice: (device: string) => request<unknown>("DELETE", `/devices/${id(device)}`),
  pair: (device: string, method: PairMethod, token?: string) =>
    request<Device>("POST", `/devices/${id(device)}/pairing`, token ? { method, token } : { method }),
  enterCode: (device: string, code: string) => request<Device>("POST", `/devices/${id(device)}/pairing/code`, { code }),
  cancelPairing: (device: string) => request<Device>("DELETE", `/devices/${id(device)}/pairing`),
  unpair: (device: string) => request<Device>("POST", `/devices/${id(device)}/unpair`),
  players: () => request<{ cleartext: boolean }>("GET", "/players"),
  changePlayers: (change: { cleartext: boolean }) => request<{ cleartext: boolean }>("PATCH", "/players", change),

  createZone: (name: string) => request<Zone>("POST", "/zones", { name }),
  changeZone: (zone: string, change: ZoneChange) => request<Zone>("PATCH", `/zones/${id(zone)}`, change),
  deleteZone: (zone: string) => request<unknown>("DELETE", `/zones/${id(zone)}`),
  queue: (zone: string, s: Slice, signal?: AbortSignal) =>
    request<QueuePage>("GET", `/zones/${id(zone)}/queue${query({ ...s })}`, undefined, signal),
  addToQueue: (zone: string, add: QueueAdd) => request<unknown>("POST", `/zones/${id(zone)}/queue`, add),
  moveInQueue: (zone: string, ids: string[], before: string) =>
    request<unknown>("PATCH", `/zones/${id(zone)}/queue`, { move: { ids, before } }),
  clearQueue: (zone: string) => request<unknown>("PATCH", `/zones/${id(zone)}/queue`, { clear: true }),
  removeFromQueue: (zone: string, entry: string) => request<unknown>("DELETE", `/zones/${id(zone)}/queue/${id(entry)}`),

  scan: () => request<Scan>("GET", "/scan"),
  startScan: () => request<unknown>("POST", "/scan"),
  scanReport: () => request<{ items: ScanProblem[] }>("GET", "/scan/report"),
};

/** A cover's address at a size that the gateway keeps. */
export function coverURL(cover: string, size: number): string {
  return `${cover}${cover.includes("?") ? "&" : "?"}size=${size}`;
}
