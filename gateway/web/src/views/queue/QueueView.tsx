import { useLayoutEffect, useRef } from "preact/hooks";
import type { QueueItem, Zone } from "../../api/types";
import { t } from "../../i18n";
import { zone } from "../../state/live";
import { setMix } from "../../state/player";
import { clearQueue, queue, saveQueue } from "../../state/queue";
import { say } from "../../state/toasts";
import { askName, confirmThen } from "../../ui/dialogs";
import { IconButton } from "../../ui/IconButton";
import { Virtual } from "../../ui/Virtual";
import { QueueRow, rowHeight } from "./QueueRow";
import { useReorder } from "./reorder";

export function QueueView() {
  const z = zone.value;
  const q = queue.value;
  if (!z || !q) return <h1>{t("queue.title")}</h1>;
  return <QueueOf key={q.zone} zone={z} list={q.list} />;
}

function QueueOf({ zone: z, list }: { zone: Zone; list: NonNullable<typeof queue.value>["list"] }) {
  const box = useRef<HTMLDivElement>(null);
  const reorder = useReorder(box, list);
  const total = list.total.value;
  const hold = reorder.hold.value;
  // What has played is above: the queue opens at what plays.
  const ready = total !== undefined;
  useLayoutEffect(() => {
    if (ready && z.index > 2) requestAnimationFrame(() => scrollTo(box.current, z.index, true));
  }, [ready]);
  return (
    <div class="queue" ref={box}>
      <QueueHead zone={z} toCurrent={() => scrollTo(box.current, z.index)} />
      {total === 0 && (
        <div class="nothing">
          <p class="nothing-title">{t("queue.empty")}</p>
          <p class="quiet">{t("queue.empty.hint")}</p>
        </div>
      )}
      <Virtual<QueueItem>
        list={list}
        label={t("queue.title")}
        keyOf={(item) => item.id}
        rowHeight={() => rowHeight}
        itemClass={(item, i) => (hold ? reorder.place(i) : "") + (item?.by === "flow" && list.at(i - 1)?.by === "picked" ? " flow-starts" : "")}
        item={(item, i) =>
          item && <QueueRow item={item} index={i} total={total ?? 0} current={i === z.index} past={i < z.index} reorder={reorder} />
        }
      />
      <p class="unseen" aria-live="assertive">
        {reorder.said.value}
      </p>
    </div>
  );
}

function QueueHead({ zone: z, toCurrent }: { zone: Zone; toCurrent: () => void }) {
  const save = () =>
    askName(t("queue.save"), t("queue.save.name"), z.name, async (name) => {
      const ok = await saveQueue(name);
      if (ok) say(t("queue.saved", { name }));
      return ok;
    });
  const clear = () => confirmThen(t("queue.clear.ask"), t("queue.clear.hint"), t("queue.clear"), clearQueue);
  return (
    <header class="view-head">
      <div>
        <h1>{t("queue.title")}</h1>
        <p class="quiet">
          {z.name} · {t("queue.summary", { n: z.length })}
        </p>
      </div>
      <div class="head-actions">
        <IconButton icon="mix" label={t("queue.mix")} pressed={z.mix} onClick={() => setMix(!z.mix)} />
        <IconButton icon="target" label={t("queue.current")} onClick={toCurrent} disabled={z.index < 0} local />
        <IconButton icon="save" label={t("queue.save")} onClick={save} disabled={z.length === 0} />
        <IconButton icon="trash" label={t("queue.clear")} onClick={clear} disabled={z.length === 0} />
      </div>
    </header>
  );
}

function scrollTo(box: HTMLElement | null, index: number, atOnce = false): void {
  const scroller = box?.closest<HTMLElement>(".scroller");
  const rows = box?.querySelector<HTMLElement>(".virtual");
  if (!scroller || !rows || index < 0) return;
  const top = rows.offsetTop + index * rowHeight - scroller.clientHeight / 3;
  scroller.scrollTo({ top, behavior: atOnce || matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
