import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { goQuietly, hrefTo, shelves, type Route, type Shelf } from "../../state/route";
import { search } from "../../state/search";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { ScanStrip } from "../settings/ScanStrip";
import { Chart } from "./Chart";
import { SearchResults } from "./SearchResults";
import { AlbumShelf, ArtistShelf, PlaylistShelf, TrackShelf } from "./shelves";

type LibraryRoute = Extract<Route, { shelf: Shelf }>;

export function Library({ route }: { route: LibraryRoute }) {
  useEffect(() => search(route.q), [route.q]);
  return (
    <div class="library">
      <header class="view-head">
        <h1>{t("library.title")}</h1>
      </header>
      <SearchField route={route} />
      <ScanStrip />
      {route.q.trim() ? (
        <SearchResults q={route.q.trim()} />
      ) : (
        <>
          <ShelfTabs shelf={route.shelf} />
          <ShelfOf shelf={route.shelf} />
        </>
      )}
    </div>
  );
}

function ShelfTabs({ shelf }: { shelf: Shelf }) {
  const nav = useRef<HTMLElement>(null);
  // On a narrow phone the chosen one may be beyond the edge. Only the row of
  // tabs is scrolled: the list below may have been left further down.
  useEffect(() => {
    const chosen = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (chosen) toMiddle(chosen);
  }, [shelf]);
  return (
    <nav ref={nav} class="shelf-tabs" aria-label={t("library.title")} onFocusIn={(e) => toMiddle(e.target as HTMLElement)}>
      {shelves.map((s) => (
        <a key={s} href={hrefTo({ tab: "library", shelf: s, q: "" })} aria-current={s === shelf ? "page" : undefined}>
          {t(`library.${s}`)}
        </a>
      ))}
    </nav>
  );
}

function toMiddle(tab: HTMLElement): void {
  const row = tab.closest(".shelf-tabs");
  if (row) row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - tab.offsetWidth) / 2;
}

function ShelfOf({ shelf }: { shelf: Shelf }) {
  switch (shelf) {
    case "albums":
      return <AlbumShelf />;
    case "artists":
      return <ArtistShelf />;
    case "tracks":
      return <TrackShelf />;
    case "playlists":
      return <PlaylistShelf />;
    case "chart":
      return <Chart />;
  }
}

function SearchField({ route }: { route: LibraryRoute }) {
  const input = useRef<HTMLInputElement>(null);
  const set = (q: string) => goQuietly({ ...route, q });
  return (
    <form class="search" role="search" onSubmit={(e) => e.preventDefault()}>
      <Icon name="search" size={20} />
      <input
        ref={input}
        type="search"
        id="search"
        value={route.q}
        aria-label={t("library.search")}
        placeholder={t("library.search.hint")}
        autocomplete="off"
        enterkeyhint="search"
        onInput={(e) => set(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          set("");
          input.current?.blur();
        }}
      />
      {route.q && (
        <IconButton
          icon="close"
          label={t("library.search.clear")}
          local
          size={18}
          onClick={() => {
            set("");
            input.current?.focus();
          }}
        />
      )}
    </form>
  );
}
