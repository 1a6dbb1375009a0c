import type { Device, Listener, Playlist, QueueAdd, Rating, Repeat, Track, Wanted } from "../../src/api/types";
import type { House } from "./house";
import { Refused } from "./refused";

export interface Answer {
  status: number;
  body?: unknown;
  cookie?: string;
}

type Body = Record<string, unknown>;

/** The part of the contract that is asked once. */
export function rest(house: House, method: string, url: URL, body: Body, signedIn: boolean): Answer {
  const [, , , head = "", id = "", part = "", sub = ""] = url.pathname.split("/").map(decodeURIComponent);
  const route = `${method} ${head}`;
  if (route === "GET server") return ok(house.server);
  if (route === "POST claim") return claim(house, body);
  if (head === "session") return session(house, method, body, signedIn);
  if (!signedIn) throw new Refused(401, "not-signed-in", "Please sign in.");
  if (head === "devices" && part) return withPlayer(house, method, id, part, sub, body);
  if (head === "zones" && id && part) return inZone(house, method, id, part, sub, url, body);
  if (head === "listeners") return listener(house, method, id, part, body);
  return library(house, route, id, part, url, body) ?? rooms(house, route, id, body) ?? other(house, route, part || id);
}

function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

/** Pairing with a player whose six digits are 246 810. */
function withPlayer(house: House, method: string, id: string, part: string, sub: string, body: Body): Answer {
  const link = house.devices.get(id)?.player;
  if (!link) throw new Refused(409, "not-connected", "The player is not connected.");
  const { pairing, ...rest } = link;
  const to = (player: typeof link) => ok(house.device(id, { player }));
  if (part === "unpair" || method === "DELETE") return to({ ...rest, paired: part !== "unpair" && link.paired });
  if (!sub) return to({ ...rest, pairing: { stage: "code", method: "digits", round: 1, message: "", reason: "" } });
  if (!pairing) throw new Refused(409, "not-wanted", "The device does not wait for a code now.");
  if (String(body["code"]).replace(/ /g, "") === "246810") return to({ ...rest, paired: true });
  return to({ ...rest, pairing: { ...pairing, round: pairing.round + 1 } });
}

function claim(house: House, body: Body): Answer {
  const plain = (s: unknown) => String(s).replace(/[\s-]/g, "").toLowerCase();
  if (house.server.claimed) throw new Refused(409, "claimed", "This gateway is claimed already.");
  if (plain(body["code"]) !== plain(house.code)) throw new Refused(403, "wrong-code", "That is not the setup code. It stands where the gateway was started.");
  house.server = { ...house.server, claimed: true };
  house.account = { name: String(body["name"]), password: String(body["password"]) };
  return { status: 201, body: { name: house.account.name }, cookie: "jumpgate=yes" };
}

function session(house: House, method: string, body: Body, signedIn: boolean): Answer {
  if (method === "DELETE") return { status: 204, cookie: "jumpgate=no" };
  if (method === "GET") {
    if (!signedIn) throw new Refused(401, "not-signed-in", "Please sign in.");
    return ok({ name: house.account.name });
  }
  if (body["name"] !== house.account.name || body["password"] !== house.account.password) {
    throw new Refused(401, "wrong-password", "Name and password do not fit together.");
  }
  return { status: 200, body: { name: house.account.name }, cookie: "jumpgate=yes" };
}

function page(items: unknown[], url: URL): Answer {
  const offset = Number(url.searchParams.get("offset") ?? 0);
  const limit = Number(url.searchParams.get("limit") ?? 100);
  return ok({ items: items.slice(offset, offset + limit), total: items.length, offset });
}

function playlistJSON({ ids, ...p }: Playlist & { ids: string[] }): Playlist {
  return { ...p, tracks: ids.length };
}

function library(house: House, route: string, id: string, part: string, url: URL, body: Body): Answer | undefined {
  const { tracks, albums, artists } = house.music;
  switch (route) {
    case "GET tracks":
      return page(tracks, url);
    case "PUT tracks":
      return part === "rating" ? ok(house.rate(id, body["value"] as Rating)) : undefined;
    case "GET albums": {
      const album = albums.find((a) => a.id === id);
      return album ? ok({ album, tracks: tracks.filter((t) => t.albumId === id) }) : page(albums, url);
    }
    case "GET artists": {
      const artist = artists.find((a) => a.id === id);
      return artist
        ? ok({ artist, albums: albums.filter((a) => a.artistId === id), tracks: tracks.filter((t) => t.artistId === id) })
        : page(artists, url);
    }
    case "GET playlists": {
      const p = house.playlists.find((x) => x.id === id);
      return p ? ok({ playlist: playlistJSON(p), tracks: p.ids.map((t) => house.track(t)) }) : page(house.playlists.map(playlistJSON), url);
    }
    case "POST playlists":
      return newPlaylist(house, body);
    case "DELETE playlists":
      house.playlists.splice(house.playlists.findIndex((p) => p.id === id), 1);
      house.playlistsRevision++;
      house.changed("playlists");
      return { status: 204 };
    case "GET search":
      return ok(search(house, url.searchParams.get("q") ?? ""));
    case "POST mix": {
      const ids = body["tracks"] as string[];
      return ok({ items: [...ids].reverse().map((track) => ({ track, why: "Because you like it.", whyPhrase: { code: "why.favourite", args: [] } })) });
    }
    case "GET chart":
      return ok({ items: [7, 1, 26, 52, 13, 40, 3, 30].map((n, i) => ({ track: tracks[n], why: `Played ${12 - i} times.` })) });
  }
  return undefined;
}

function listener(house: House, method: string, id: string, part: string, body: Body): Answer {
  const changed = () => house.changed("listeners");
  if (method === "GET" && !id) return ok({ items: house.listeners });
  if (method === "POST" && !id) {
    const made: Listener = { id: `l${house.listeners.length + 1}`, name: String(body["name"]), account: "", child: false, learning: true };
    house.listeners = [...house.listeners, made];
    changed();
    return ok(made, 201);
  }
  if (part === "scrobbling") {
    if (method === "DELETE") return { status: 204 };
    const on = method === "PUT";
    return ok({ on, url: on ? String(body["url"]) : "", waiting: on ? 3 : 0, problem: "" });
  }
  if (part === "not-me") return ok({ plays: 4 });
  if (part === "wishes") {
    const taste = house.taste(id);
    const wishes = taste.wishes.filter((w) => w.kind !== body["kind"] || w.id !== body["id"]);
    const of = taste.leanings.find((l) => l.id === body["id"]);
    if (body["wish"]) wishes.unshift({ kind: String(body["kind"]), id: String(body["id"]), name: of?.name ?? String(body["id"]), wish: body["wish"] as Wanted });
    house.tastes.set(id, { ...taste, wishes });
    return ok(house.taste(id));
  }
  if (part === "taste" && method === "GET") return ok(house.taste(id));
  if (part === "taste") {
    house.tastes.set(id, { ...house.taste(id), plays: 0, since: null, likes: 0, dislikes: 0, leanings: [], wishes: [] });
    return { status: 204 };
  }
  house.listeners = method === "DELETE" ? house.listeners.filter((l) => l.id !== id) : house.listeners.map((l) => (l.id === id ? { ...l, ...body } : l));
  changed();
  return method === "DELETE" ? { status: 204 } : ok(house.listeners.find((l) => l.id === id));
}

function newPlaylist(house: House, body: Body): Answer {
  const zone = typeof body["zone"] === "string" ? house.zone(body["zone"]) : undefined;
  const ids = zone ? zone.items.filter((x) => x.by === "picked").map((x) => x.track.id) : ((body["tracks"] as string[] | undefined) ?? []);
  const made = { id: `p${house.playlists.length}`, name: String(body["name"]), tracks: ids.length, changed: new Date().toISOString(), ids };
  house.playlists.push(made);
  house.playlistsRevision++;
  house.changed("playlists");
  return ok(playlistJSON(made), 201);
}

const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

function search(house: House, q: string): unknown {
  const leads = (s: string) =>
    Array.from(s, (c) => {
      const n = c.charCodeAt(0) - 0xac00;
      return n >= 0 && n < 11172 ? initials.charAt(Math.floor(n / 588)) : c;
    }).join("");
  const fold = (s: string) => s.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();
  const has = (s: string) => fold(s).includes(fold(q)) || leads(s).includes(q);
  return {
    tracks: house.music.tracks.filter((t: Track) => has(t.title) || has(t.artist)).slice(0, 30),
    albums: house.music.albums.filter((a) => has(a.title) || has(a.artist)),
    artists: house.music.artists.filter((a) => has(a.name)),
    playlists: house.playlists.filter((p) => has(p.name)).map(playlistJSON),
  };
}

function inZone(house: House, method: string, id: string, part: string, entry: string, url: URL, body: Body): Answer {
  const z = house.zone(id);
  const done = (status = 200): Answer => {
    house.changed(`zones/${id}`);
    return status === 204 ? { status } : ok(z.json(), status);
  };
  if (part !== "queue") return ok(house.transport(part, id, body));
  if (method === "GET") return ok(z.queue(Number(url.searchParams.get("offset") ?? 0), Number(url.searchParams.get("limit") ?? 100)));
  if (method === "POST") return ok(house.add(id, body as unknown as QueueAdd), 201);
  if (method === "DELETE") {
    z.remove(entry);
    return done(204);
  }
  const move = body["move"] as { ids: string[]; before?: string } | undefined;
  if (move) z.move(move.ids, move.before ?? "");
  else z.clear();
  return done();
}

function rooms(house: House, route: string, id: string, body: Body): Answer | undefined {
  switch (route) {
    case "GET zones":
      return ok({ items: [...house.zones.values()].map((z) => z.json()) });
    case "POST zones":
      return ok(house.addZone(String(body["name"])).json(), 201);
    case "PATCH zones": {
      const z = house.zone(id);
      const change = body as { name?: string; repeat?: Repeat; shuffle?: boolean; mix?: boolean; click?: boolean; crossfadeMs?: number; listeners?: string[]; learning?: boolean; context?: { kind: string; id: string; name: string } };
      const { mix, ...rest } = change;
      Object.assign(z, rest);
      if (mix !== undefined) z.setMix(mix);
      house.changed(`zones/${id}`);
      return ok(z.json());
    }
    case "DELETE zones":
      if (house.zones.size === 1) throw new Refused(409, "last-zone", "The last zone stays.");
      house.zones.delete(id);
      house.changed(`zones/${id}`);
      return { status: 204 };
    case "GET players":
    case "PATCH players":
      return ok({ cleartext: true, ...body });
    case "GET devices":
      return ok({ items: [...house.devices.values()] });
    case "POST devices": {
      const address = String(body["address"]);
      const made = { ...[...house.devices.values()][0], id: `d-${address}`, kind: String(body["kind"]), name: address, model: "", address, zone: null, present: false, manual: true, state: "connecting" } as Device;
      house.devices.set(made.id, made);
      house.changed(`devices/${made.id}`);
      return ok(made, 201);
    }
    case "PATCH devices":
      return ok(house.device(id, body));
    case "DELETE devices":
      house.devices.delete(id);
      house.changed(`devices/${id}`);
      return { status: 204 };
  }
  return undefined;
}

function other(house: House, route: string, part: string): Answer {
  if (route === "GET scan" && part === "report") {
    return ok({
      items: [
        { path: "Incoming/broken take.flac", reason: "the FLAC stream ends in the middle of frame 4112" },
        { path: "Old phone/voice 0007.mp3", reason: "the file is empty" },
        { path: "Ensemble Halden/IV. Cloister.m4a", reason: "needs ffmpeg" },
      ],
    });
  }
  if (route === "GET scan") return ok(house.scan);
  if (route === "POST scan") {
    house.scan = { ...house.scan, running: true, done: 0, finished: null };
    house.changed("scan");
    return ok(house.scan, 202);
  }
  if (route === "GET tokens") return ok({ items: [{ id: "k1", name: "Doorbell script", created: "2026-11-02T10:00:00Z" }] });
  if (route === "POST tokens") return ok({ id: "k2", name: "New", created: new Date().toISOString(), token: "jg_example_shown_once" }, 201);
  throw new Refused(404, "not-found", "There is nothing here.");
}
