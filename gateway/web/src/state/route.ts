import { computed, signal } from "@preact/signals";

// Where the person is: the part of the address behind "#/". The gateway never
// sees it, so a reload comes back to the same place.

export type Tab = "playing" | "queue" | "library" | "speakers" | "settings";
export const shelves = ["albums", "artists", "tracks", "playlists", "chart"] as const;
export type Shelf = (typeof shelves)[number];
export type Detail = "album" | "artist" | "playlist";

export type Route =
  | { tab: Exclude<Tab, "library"> }
  | { tab: "settings"; taste: string }
  | { tab: "library"; shelf: Shelf; q: string }
  | { tab: "library"; detail: Detail; id: string };

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const parts = path.split("/").map(decode);
  switch (parts[0]) {
    case "queue":
    case "speakers":
    case "settings":
      return { tab: parts[0] };
    case "taste":
      return parts[1] ? { tab: "settings", taste: parts[1] } : { tab: "settings" };
    case "album":
    case "artist":
    case "playlist":
      if (parts[1]) return { tab: "library", detail: parts[0], id: parts[1] };
      return { tab: "library", shelf: "albums", q: "" };
    case "library":
      return {
        tab: "library",
        shelf: shelves.find((s) => s === parts[1]) ?? "albums",
        q: new URLSearchParams(search).get("q") ?? "",
      };
    default:
      return { tab: "playing" };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function hrefTo(r: Route): string {
  if ("detail" in r) return `#/${r.detail}/${encodeURIComponent(r.id)}`;
  if ("taste" in r) return `#/taste/${encodeURIComponent(r.taste)}`;
  if (r.tab !== "library") return `#/${r.tab}`;
  return `#/library/${r.shelf}${r.q ? `?q=${encodeURIComponent(r.q)}` : ""}`;
}

const hash = signal(location.hash);
export const route = computed(() => parseRoute(hash.value));

// Every step in the history has a number, kept with it by the browser: going
// back comes to a number that there was before.
let steps = 0;

/** The number of the step where the person is; 0 is the first of this tab. */
export function step(): number {
  return (history.state as { step?: number } | null)?.step ?? 0;
}

function count(): void {
  const known = (history.state as { step?: number } | null)?.step;
  if (known === undefined) history.replaceState({ step: ++steps }, "");
  else steps = Math.max(steps, known);
}

if (typeof history !== "undefined") {
  if (history.state === null) history.replaceState({ step: 0 }, "");
  count();
}
window.addEventListener("hashchange", () => {
  count();
  hash.value = location.hash;
});

/** One step back, or where there is none, to what the view is a part of. */
export function back(to: Route): void {
  if (step() > 0) history.back();
  else go(to);
}

export function go(r: Route): void {
  location.hash = hrefTo(r);
}

/** The same without a new step in the history: a search as it is typed. */
export function goQuietly(r: Route): void {
  history.replaceState(history.state, "", hrefTo(r));
  hash.value = location.hash;
}
