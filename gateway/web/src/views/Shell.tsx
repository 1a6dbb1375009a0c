import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t, type Key } from "../i18n";
import { listening, unblock } from "../state/listen";
import { link, zoneList, zone } from "../state/live";
import { chosenZone } from "../state/prefs";
import { hrefTo, route, step, type Route, type Tab } from "../state/route";
import { Icon, type IconName } from "../ui/icons";
import { Wordmark } from "../ui/Gate";
import { AlbumView } from "./library/AlbumView";
import { ArtistView } from "./library/ArtistView";
import { Library } from "./library/Library";
import { PlaylistView } from "./library/PlaylistView";
import { MiniPlayer } from "./MiniPlayer";
import { NowPlaying } from "./playing/NowPlaying";
import { QueueView } from "./queue/QueueView";
import { Settings } from "./settings/Settings";
import { TasteView } from "./settings/TasteView";
import { ListenButton } from "./speakers/ListenButton";
import { Speakers } from "./speakers/Speakers";
import { ZoneSwitcher } from "./ZoneSwitcher";

const tabs: [Exclude<Tab, "settings">, IconName][] = [
  ["playing", "album"],
  ["queue", "queue"],
  ["library", "library"],
  ["speakers", "speaker"],
];

export function Shell() {
  const r = route.value;
  return (
    <div class={`shell tab-${r.tab}`}>
      <a class="skip" href="#content" onClick={skip}>
        {t("nav.skip")}
      </a>
      <Rail tab={r.tab} />
      <header class="top">
        <ZoneSwitcher />
        <span class="top-actions">
          <ListenButton compact />
          <a class="icon-button" href={hrefTo({ tab: "settings" })} aria-label={t("nav.settings")} aria-current={r.tab === "settings" ? "page" : undefined}>
            <Icon name="gear" />
          </a>
        </span>
      </header>
      <Banners />
      <Content route={r} />
      {r.tab !== "playing" && <MiniPlayer />}
      <nav class="tabs" aria-label={t("nav.main")}>
        <Tabs tab={r.tab} />
      </nav>
    </div>
  );
}

function skip(e: Event): void {
  e.preventDefault();
  document.getElementById("content")?.focus();
}

function Tabs({ tab }: { tab: Tab }) {
  return (
    <>
      {tabs.map(([name, icon]) => (
        <a key={name} href={hrefTo(name === "library" ? { tab: name, shelf: "albums", q: "" } : { tab: name })} aria-current={tab === name ? "page" : undefined}>
          <Icon name={icon} />
          <span>{t(`nav.${name}` satisfies Key)}</span>
        </a>
      ))}
    </>
  );
}

/** The side of a wide screen. */
function Rail({ tab }: { tab: Tab }) {
  return (
    <aside class="rail">
      <Wordmark />
      <nav aria-label={t("nav.main")}>
        <Tabs tab={tab} />
      </nav>
      <section aria-label={t("zones.title")}>
        <h2 class="group">{t("zones.title")}</h2>
        <ul>
          {zoneList.value.map((z) => (
            <li key={z.id}>
              <button type="button" aria-pressed={z.id === zone.value?.id} onClick={() => (chosenZone.value = z.id)}>
                <span class={`zone-dot ${z.state}`} />
                <span class="row-text">
                  <span class="row-title">{z.name}</span>
                  <span class="row-sub">{z.track && z.state !== "stopped" ? z.track.title : t(`zones.${z.state}`)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <div class="rail-foot">
        <ListenButton />
        <a class="icon-button" href={hrefTo({ tab: "settings" })} aria-label={t("nav.settings")} aria-current={tab === "settings" ? "page" : undefined}>
          <Icon name="gear" />
        </a>
      </div>
    </aside>
  );
}

function Banners() {
  return (
    <div class="banner-place" role="status">
      {link.value === "lost" && <p class="banner">{t("link.lost")}</p>}
      {listening.value?.state === "blocked" && (
        <p class="banner calm">
          {t("listen.blocked")}
          <button type="button" class="button" onClick={unblock}>
            {t("listen.blocked.tap")}
          </button>
        </p>
      )}
    </div>
  );
}

/** Where each step of the history was left, in px. */
const left = new Map<number, number>();

/**
 * Scrolls to where a view was left, also when what makes it that long comes a
 * moment later. Ends the wait when it is called.
 */
function comeTo(main: HTMLElement, top: number): () => void {
  const patience = performance.now() + 2000;
  let frame = 0;
  const stop = () => cancelAnimationFrame(frame);
  const scroll = () => {
    main.scrollTo(0, top);
    if (Math.abs(main.scrollTop - top) > 1 && performance.now() < patience) frame = requestAnimationFrame(scroll);
  };
  scroll();
  main.addEventListener("wheel", stop, { once: true, passive: true });
  main.addEventListener("touchstart", stop, { once: true, passive: true });
  return stop;
}

function Content({ route: r }: { route: Route }) {
  const main = useRef<HTMLElement>(null);
  const key = "taste" in r ? `taste/${r.taste}` : "detail" in r ? `${r.detail}/${r.id}` : r.tab === "library" ? `library/${r.shelf}` : r.tab;
  const first = useRef(true);
  // Before it is seen, and before what a view does itself, such as the queue,
  // which opens at what plays.
  useLayoutEffect(() => (main.current ? comeTo(main.current, left.get(step()) ?? 0) : undefined), [key]);
  useEffect(() => {
    // A screen reader hears of the new view; the first one needs no push.
    if (!first.current && document.activeElement?.id !== "search") main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [key]);
  return (
    <main ref={main} id="content" class="scroller" tabIndex={-1} onScroll={(e) => left.set(step(), e.currentTarget.scrollTop)}>
      <ViewOf route={r} />
    </main>
  );
}

function ViewOf({ route: r }: { route: Route }) {
  if ("taste" in r) return <TasteView key={r.taste} id={r.taste} />;
  if ("detail" in r) {
    if (r.detail === "album") return <AlbumView key={r.id} id={r.id} />;
    return r.detail === "artist" ? <ArtistView key={r.id} id={r.id} /> : <PlaylistView key={r.id} id={r.id} />;
  }
  switch (r.tab) {
    case "playing":
      return <NowPlaying />;
    case "queue":
      return <QueueView />;
    case "library":
      return <Library route={r} />;
    case "speakers":
      return <Speakers />;
    case "settings":
      return <Settings />;
  }
}
