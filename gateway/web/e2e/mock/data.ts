import type { Album, Artist, Device, Playlist, Track } from "../../src/api/types";

// A small household and its music, for working on the page without a gateway.

const discs: [artist: string, title: string, year: number, genre: string, tracks: string[]][] = [
  ["Mira Vale", "Harbour Lights", 2021, "ambient", ["Low Tide", "The Ferry Leaves", "Salt on the Window", "Harbour Lights", "Gulls at Four", "A Rope Unknotted"]],
  ["Mira Vale", "Slow Weather", 2023, "ambient", ["Front Moving In", "First Drops", "Gutters", "After the Storm, Steam"]],
  ["김서윤", "봄날의 산책", 2022, "folk", ["봄날", "사랑하는 사람에게", "골목 끝 집", "라일락", "밤 기차", "돌아오는 길"]],
  ["The Copper Kites", "Seven Hills", 2018, "rock", ["Ignition", "Seven Hills", "Brick and Ivy", "Telegraph Road Runner", "Last Bus Out"]],
  ["The Copper Kites", "Paper Engines", 2020, "rock", ["Paper Engines", "Fold Here", "Glue", "Propeller Song", "A Very Long Title That Goes on Until the Edge of the Phone and Further"]],
  ["Otto Lindqvist Trio", "Kitchen Sessions", 2016, "jazz", ["Two Cups", "Butter", "The Kettle Waltz", "Crumbs", "Night Shift"]],
  ["夜の水族館", "深い青", 2019, "electronic", ["夜に", "水槽", "ひかり", "深い青"]],
  ["Ana Brandão", "Varanda", 2017, "bossa", ["Varanda", "Chuva Miúda", "Café com Açúcar", "O Vizinho", "Domingo"]],
  ["Kestrel & Loom", "Field Notes", 2024, "folk", ["Hedgerow", "Stile", "The Drover's Return", "Lambing"]],
  ["DJ Parallax", "Orbital Mechanics", 2023, "techno", ["Apogee", "Perigee", "Transfer Window", "Slingshot", "Re-entry"]],
  ["이도현 밴드", "서울의 새벽", 2020, "rock", ["새벽 네 시", "한강", "첫차", "다시 서울"]],
  ["Ensemble Halden", "Music for Large Rooms", 2015, "classical", ["I. Vestibule", "II. Nave", "III. Gallery", "IV. Cloister"]],
  ["Ruth Abara", "Gold Teeth", 2022, "soul", ["Gold Teeth", "Sunday Shoes", "Call Me by the River", "Amen, Probably"]],
  ["Ruth Abara", "Night Bus Gospel", 2024, "soul", ["Top Deck", "Night Bus Gospel", "Transfer", "Home Before the Birds"]],
];

export interface Music {
  tracks: Track[];
  albums: Album[];
  artists: Artist[];
  genres: Map<string, string>;
}

export function music(): Music {
  const artists = new Map<string, Artist>();
  const albums: Album[] = [];
  const tracks: Track[] = [];
  const genres = new Map<string, string>();
  discs.forEach(([name, title, year, genre, titles], a) => {
    const artist = artists.get(name) ?? { id: `ar${artists.size}`, name, albums: 0, tracks: 0, cover: `/api/v1/covers/c${a}` };
    artists.set(name, artist);
    const album: Album = { id: `al${a}`, title, artist: name, artistId: artist.id, year, tracks: titles.length, durationMs: 0, cover: `/api/v1/covers/c${a}` };
    genres.set(`c${a}`, genre);
    titles.forEach((track, n) => {
      const durationMs = 150_000 + ((a * 37 + n * 53) % 140) * 1000;
      album.durationMs += durationMs;
      tracks.push({
        id: `t${tracks.length}`, title: track, artist: name, artistId: artist.id, album: title, albumId: album.id, durationMs,
        disc: 1, number: n + 1, year, genre, rating: 0, cover: album.cover, waiting: a === 11 && n === 3 ? "needs ffmpeg" : "",
      });
    });
    artist.albums++;
    artist.tracks += titles.length;
    albums.push(album);
  });
  return { tracks, albums, artists: [...artists.values()], genres };
}

export const playlists: (Playlist & { ids: string[] })[] = [
  { id: "p0", name: "Sunday kitchen", tracks: 6, changed: "2026-11-01T09:00:00Z", ids: ["t27", "t28", "t31", "t34", "t8", "t3"] },
  { id: "p1", name: "비 오는 날", tracks: 4, changed: "2026-11-10T20:00:00Z", ids: ["t10", "t11", "t1", "t40"] },
];

export function household(): Device[] {
  const base = { model: "", ceiling: 100, approved: true, pulled: false, delayMs: 0, manual: false, muted: false, problem: "", present: true, playable: true, zone: null, state: "idle" } as const;
  return [
    { ...base, id: "d-kitchen", kind: "player", name: "Kitchen", model: "Iriver Home One", address: "192.168.1.21:8928", zone: "z1", volume: 42, state: "playing", player: { protected: true, paired: true, lost: false, refuses: false, methods: ["token"], roles: ["player@v1", "source@v1"], input: { ready: true, signal: "present" } } },
    { ...base, id: "d-living", kind: "cast", name: "Living room", model: "Chromecast Audio", address: "192.168.1.30:8009", zone: "z1", volume: 28, ceiling: 70, pulled: true, state: "playing" },
    { ...base, id: "d-study", kind: "player", name: "Study shelf", model: "ESP32 DAC", address: "192.168.1.44:8928", zone: "z2", volume: 30, approved: false, player: { protected: true, paired: false, lost: false, refuses: false, methods: ["digits", "token"], roles: ["player@v1", "controller@v1"] } },
    { ...base, id: "d-bath", kind: "cast", name: "Bathroom", model: "Nest Mini", address: "192.168.1.52:8009", volume: 20, state: "error", problem: "It is not answering at 192.168.1.52:8009: connection refused.", problemPhrase: { code: "device.not-answering", args: ["192.168.1.52:8009", { code: "cause.refused", args: [] }] } },
    { ...base, id: "d-tv", kind: "airplay", name: "TV", model: "AppleTV", address: "192.168.1.60:7000", volume: null, playable: false },
    { ...base, id: "d-garden", kind: "player", name: "Garden", model: "Iriver Pebble", address: "", volume: 55, present: false },
  ];
}
