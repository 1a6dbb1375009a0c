import type { ComponentChildren } from "preact";
import type { QueueAdd } from "../../api/types";
import { t } from "../../i18n";
import { connected } from "../../state/live";
import { add } from "../../state/player";
import { back } from "../../state/route";
import { Cover } from "../../ui/Cover";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";

interface Props {
  title: string;
  cover: string | null;
  round?: boolean;
  /** Under the title. */
  children: ComponentChildren;
  /** What the buttons add to the queue. */
  what: Omit<QueueAdd, "at">;
  extra?: ComponentChildren;
}

/** The head of an album, an artist or a playlist, with what to do with it. */
export function DetailHead({ title, cover, round, children, what, extra }: Props) {
  return (
    <header class="detail-head">
      <div class="detail-cover">
        <Cover cover={cover} title={title} size={320} class={round ? "round" : ""} eager />
      </div>
      <div class="detail-text">
        <h1>{title}</h1>
        {children}
        <div class="detail-actions">
          <button type="button" class="button primary" disabled={!connected.value} onClick={() => void add({ ...what, clear: true }, "now", title)}>
            <Icon name="play" size={20} />
            {t("collection.play")}
          </button>
          <IconButton icon="queue" label={t("track.next")} onClick={() => add(what, "next", title)} />
          <IconButton icon="plus" label={t("track.end")} onClick={() => add(what, "end", title)} />
          {extra}
        </div>
      </div>
    </header>
  );
}

export function BackLink() {
  return (
    <p class="back">
      <button type="button" class="button plain" onClick={() => back({ tab: "library", shelf: "albums", q: "" })}>
        <Icon name="back" size={20} />
        {t("nav.back")}
      </button>
    </p>
  );
}
