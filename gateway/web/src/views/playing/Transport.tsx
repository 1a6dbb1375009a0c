import type { Repeat, Zone } from "../../api/types";
import { t, type Key } from "../../i18n";
import { connected } from "../../state/live";
import { next, previous, setRepeat, setShuffle, toggle } from "../../state/player";
import { Icon } from "../../ui/icons";
import { IconButton } from "../../ui/IconButton";

const after: Record<Repeat, Repeat> = { off: "all", all: "one", one: "off" };
const repeatLabel: Record<Repeat, Key> = { off: "playing.repeat.off", all: "playing.repeat.all", one: "playing.repeat.one" };

export function Transport({ zone: z, small }: { zone: Zone; small?: boolean }) {
  return (
    <div class={`transport ${small ? "small" : ""}`}>
      {!small && <IconButton icon="shuffle" label={t("playing.shuffle")} pressed={z.shuffle} onClick={() => setShuffle(!z.shuffle)} />}
      <IconButton icon="previous" label={t("playing.previous")} onClick={previous} disabled={!z.track} />
      <PlayButton zone={z} />
      <IconButton icon="next" label={t("playing.next")} onClick={next} disabled={!z.track} />
      {!small && (
        <span class="repeat">
          <IconButton icon="repeat" label={t(repeatLabel[z.repeat])} pressed={z.repeat !== "off"} onClick={() => setRepeat(after[z.repeat])} />
          {z.repeat === "one" && (
            <span class="repeat-one" aria-hidden="true">
              1
            </span>
          )}
        </span>
      )}
    </div>
  );
}

export function PlayButton({ zone: z }: { zone: Zone }) {
  const playing = z.state === "playing";
  return (
    <button
      type="button"
      class="play-button"
      aria-label={t(playing ? "playing.pause" : "playing.play")}
      disabled={!connected.value}
      onClick={() => void toggle()}
    >
      <Icon name={playing ? "pause" : "play"} size={30} />
    </button>
  );
}
