// The gateway's wire types, as gateway/api/openapi.yaml describes them.

import type { Phrase } from "../i18n/phrase";

export type Rating = -1 | 0 | 1;

export interface Server {
  version: string;
  name: string;
  claimed: boolean;
  https: boolean;
  features: { opus: boolean; ffmpeg: boolean; page: boolean };
}

export interface Track {
  id: string;
  title: string;
  artist: string;
  artistId: string;
  album: string;
  albumId: string;
  durationMs: number;
  disc: number;
  number: number;
  year: number;
  genre: string;
  rating: Rating;
  cover: string | null;
  /** Heard as it happens: it has no length, and nobody's taste. */
  live?: boolean;
  /** Why it cannot be played yet; empty when it can. */
  waiting: string;
  waitingPhrase?: Phrase;
}

export interface Album {
  id: string;
  title: string;
  artist: string;
  artistId: string;
  year: number;
  tracks: number;
  durationMs: number;
  cover: string | null;
}

export interface Artist {
  id: string;
  name: string;
  albums: number;
  tracks: number;
  cover: string | null;
}

export interface Playlist {
  id: string;
  name: string;
  tracks: number;
  changed: string;
}

export interface AlbumDetail {
  album: Album;
  tracks: Track[];
}

export interface ArtistDetail {
  artist: Artist;
  albums: Album[];
  tracks: Track[];
}

export interface PlaylistDetail {
  playlist: Playlist;
  tracks: Track[];
}

export interface Page<T> {
  items: T[];
  total: number;
  offset: number;
}

export interface SearchResult {
  tracks: Track[];
  albums: Album[];
  artists: Artist[];
  playlists: Playlist[];
}

export interface ChartItem {
  track: Track;
  why: string;
  whyPhrase?: Phrase;
}

/** Where a track stands in a mix. */
export interface MixItem {
  track: string;
  why: string;
  whyPhrase?: Phrase;
}

/** Somebody with a taste. */
export interface Listener {
  id: string;
  name: string;
  /** That the listener came with; empty for others. */
  account: string;
  child: boolean;
  learning: boolean;
}

export type Wanted = "pin" | "ban" | "more";

export interface Wish {
  kind: string;
  id: string;
  name: string;
  wish: Wanted;
}

export interface Leaning {
  kind: string;
  id: string;
  name: string;
  /** From -1 to 1. */
  liking: number;
}

export interface Taste {
  plays: number;
  since: string | null;
  likes: number;
  dislikes: number;
  /** Days left of the first 14, in which more is tried out. */
  settling: number;
  leanings: Leaning[];
  wishes: Wish[];
}

/** Where a listener's listens are handed on to; the token is never shown. */
export interface Scrobbling {
  on: boolean;
  url: string;
  waiting: number;
  problem: string;
  problemPhrase?: Phrase;
}

export type DeviceState = "idle" | "connecting" | "playing" | "error";

export interface Device {
  id: string;
  kind: string;
  name: string;
  model: string;
  address: string;
  present: boolean;
  playable: boolean;
  zone: string | null;
  /** 0 to 100; null where the device does not say. */
  volume: number | null;
  muted: boolean;
  ceiling: number;
  approved: boolean;
  /** The device fetches its audio: it joins a moment after the others. */
  pulled: boolean;
  /** Heard this much later than others by itself. */
  delayMs: number;
  /** Added by its address. */
  manual: boolean;
  /** The gateway's built-in player. */
  own?: boolean;
  /** It has a level meter only: nothing is heard. */
  silent?: boolean;
  state: DeviceState;
  problem: string;
  problemPhrase?: Phrase;
  /** Of a Chromecast or a Cast group. */
  cast?: CastSettings;
  /** Of a player that is connected or paired. */
  player?: PlayerLink;
}

export type PairMethod = "digits" | "qr" | "static" | "token";

/** How a player's connection is protected, and how it can be paired. */
export interface PlayerLink {
  /** Encrypted. */
  protected: boolean;
  /** And both sides have proven who they are. */
  paired: boolean;
  /** The player has not got the key of its pairing any more. */
  lost: boolean;
  /** It plays for nobody without pairing. */
  refuses: boolean;
  methods: PairMethod[];
  roles: string[];
  pairing?: Pairing;
  /** An input that zones can play, as the track "input:" and the device's id. */
  input?: { ready: boolean; signal: "" | "present" | "absent" };
}

export interface Pairing {
  stage: "asked" | "device" | "code" | "failed";
  method: PairMethod;
  /** More than 1 after a code that was wrong. */
  round: number;
  /** The device's own sentence; nobody has proven who says it. */
  message: string;
  reason: string;
}

export type CastMode = "auto" | "queue" | "stream";

export interface CastMember {
  id: string;
  name: string;
  volume: number;
  muted: boolean;
}

export interface CastSettings {
  mode: CastMode;
  /** It may get more than 48 kHz and 16 bit. */
  hiRes: boolean;
  /** Stays connected while it is in no zone. */
  hold: boolean;
  certificate: "known" | "changed" | "refused";
  /** The devices of a group. */
  members?: CastMember[];
}

export type Transport = "playing" | "paused" | "stopped";
export type Repeat = "off" | "one" | "all";
export type By = "picked" | "flow";

export interface Context {
  kind: string;
  id: string;
  name: string;
}

export interface Zone {
  id: string;
  name: string;
  state: Transport;
  entry: { id: string; by: By; why: string; whyPhrase?: Phrase } | null;
  track: Track | null;
  offsetMs: number;
  /** Milliseconds since 1970 at which offsetMs was true. */
  at: number;
  /** Counts every jump of the timeline. */
  epoch: number;
  repeat: Repeat;
  shuffle: boolean;
  /** The picks to come are sorted by what those who listen are likely to like. */
  mix: boolean;
  /** A click a second sounds in the place of the music. */
  click: boolean;
  /** How long tracks are heard together where one follows another. */
  crossfadeMs: number;
  context: Context;
  /** Where JUMP would lead. */
  landing: Context | null;
  /** Who listens; nobody: the zone has a taste of its own. */
  listeners: string[];
  /** What is heard teaches those who listen. */
  learning: boolean;
  leader: string;
  members: string[];
  /** Counts every change of the queue. */
  revision: number;
  length: number;
  index: number;
  problem: string;
  problemPhrase?: Phrase;
}

export interface QueueItem {
  id: string;
  by: By;
  why: string;
  whyPhrase?: Phrase;
  track: Track;
}

export interface QueuePage {
  revision: number;
  index: number;
  length: number;
  offset: number;
  items: QueueItem[];
}

export interface QueueAdd {
  tracks?: string[];
  album?: string;
  playlist?: string;
  artist?: string;
  at: "now" | "next" | "end";
  clear?: boolean;
}

export interface Scan {
  running: boolean;
  done: number;
  total: number;
  rate: number;
  etaSeconds: number;
  started: string | null;
  finished: string | null;
  problems: number;
  waiting: number;
  unmeasured: number;
}

export interface ScanProblem {
  path: string;
  reason: string;
  reasonPhrase?: Phrase;
}

/** The answer to "listen": this tab's device and what to play. */
export interface Listening {
  device: string;
  url: string;
  /** Where parts are pushed by WebTransport, on HTTPS pages. */
  push?: string;
  /** SHA-256 of the certificate there, base64; absent for a public one. */
  pushHash?: string;
}

export interface Token {
  id: string;
  name: string;
  created: string;
}

export interface NewToken extends Token {
  token: string;
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  phrase?: Phrase;
}


export type ServerMessage =
  | { type: "snapshot"; seq: number; state: Record<string, unknown> }
  | { type: "delta"; seq: number; set: Record<string, unknown> }
  | { type: "reply"; id: string; ok: true; result?: unknown }
  | { type: "reply"; id: string; ok: false; problem: Problem };
