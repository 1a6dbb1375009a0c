import type { Album } from "../../api/types";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { add } from "../../state/player";
import { hrefTo } from "../../state/route";
import { Cover } from "../../ui/Cover";
import { Icon } from "../../ui/icons";

export function AlbumCard({ album }: { album: Album }) {
  const title = album.title || t("library.unknownAlbum");
  return (
    <div class="card">
      <a href={hrefTo({ tab: "library", detail: "album", id: album.id })}>
        <Cover cover={album.cover} title={title} size={320} />
        <span class="card-title">{title}</span>
        <span class="card-sub">{album.artist || t("library.unknownArtist")}</span>
      </a>
      <button
        type="button"
        class="card-play"
        aria-label={t("collection.playLabel", { title })}
        disabled={!connected.value}
        onClick={() => void add({ album: album.id, clear: true }, "now", title)}
      >
        <Icon name="play" size={22} />
      </button>
    </div>
  );
}
