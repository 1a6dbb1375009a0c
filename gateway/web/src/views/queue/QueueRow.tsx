import type { QueueItem } from "../../api/types";
import { clockTime, said, t } from "../../i18n";
import { connected } from "../../state/live";
import { playEntry } from "../../state/player";
import { removeEntry } from "../../state/queue";
import { Cover } from "../../ui/Cover";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";
import { openTrackSheet, type SheetAction } from "../../ui/TrackSheet";
import type { Reorder } from "./reorder";

export const rowHeight = 68;

interface Props {
  item: QueueItem;
  index: number;
  total: number;
  current: boolean;
  past: boolean;
  reorder: Reorder;
}

export function QueueRow({ item, index, total, current, past, reorder }: Props) {
  const { track } = item;
  const flows = item.by === "flow";
  const sub = [track.artist, flows && item.why ? said(item.why, item.whyPhrase) : track.album].filter(Boolean).join(" · ");
  const more = () => {
    const own: SheetAction[] = [{ icon: "play", label: t("queue.playHere"), run: () => playEntry(item.id) }];
    if (index > 0) own.push({ icon: "up", label: t("queue.up"), run: () => reorder.nudge(item.id, -1) });
    if (index < total - 1) own.push({ icon: "down", label: t("queue.down"), run: () => reorder.nudge(item.id, 1) });
    own.push({ icon: "trash", label: t("queue.remove"), run: () => removeEntry(item.id) });
    openTrackSheet(track, own);
  };
  return (
    <div class={`queue-row ${flows ? "is-flow" : "is-pick"} ${current ? "is-current" : ""} ${past ? "is-past" : ""}`}>
      <button
        type="button"
        class="grip"
        data-grip={index}
        aria-label={`${t("queue.drag", { title: track.title })}. ${t("queue.drag.hint")}`}
        disabled={!connected.value}
        onPointerDown={(e) => reorder.grab(e, item.id)}
        onKeyDown={(e) => {
          if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
          e.preventDefault();
          e.stopPropagation();
          reorder.nudge(item.id, e.key === "ArrowUp" ? -1 : 1);
        }}
      >
        <Icon name="grip" size={20} />
      </button>
      <button
        type="button"
        class="row-main"
        disabled={!connected.value}
        aria-current={current ? "true" : undefined}
        title={t("queue.playHere")}
        onClick={() => void playEntry(item.id)}
      >
        <Cover cover={track.cover} title={track.album || track.title} size={96} class="row-cover" />
        <span class="row-text">
          <span class="row-title">{track.title}</span>
          <span class="row-sub">
            {flows && <Icon name="flow" size={14} />}
            <span class="unseen">{t(flows ? "playing.flow" : "playing.picked")}: </span>
            {current ? t("queue.now") : sub}
          </span>
        </span>
        <span class="row-time">{track.live ? t("track.live") : clockTime(track.durationMs)}</span>
      </button>
      <IconButton icon="more" label={t("common.more", { name: track.title })} onClick={more} local />
    </div>
  );
}
