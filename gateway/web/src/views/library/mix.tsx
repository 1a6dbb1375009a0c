import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Track } from "../../api/types";
import { said, t } from "../../i18n";
import { me } from "../../state/listeners";
import { connected } from "../../state/live";
import { attempt } from "../../state/toasts";
import { Icon } from "../../ui/icons";

/** A track where it stands in a list, and why. */
export interface Placed {
  track: Track;
  why: string;
}

export interface Mix {
  on: boolean;
  toggle: () => void;
  /** The list as it is, or by predicted liking once the gateway has answered. */
  shown: Placed[];
}

/** Any list of tracks, with a switch that sorts it by what one likes. */
export function useMix(tracks: readonly Track[]): Mix {
  const [on, setOn] = useState(false);
  const [mixed, setMixed] = useState<{ of: string; list: Placed[] } | null>(null);
  const ids = tracks.map((x) => x.id);
  const key = `${me.value?.id ?? ""} ${ids.join(" ")}`;
  useEffect(() => {
    if (!on || ids.length === 0) return;
    let gone = false;
    void attempt(() => api.mix(ids)).then((got) => {
      if (gone) return;
      if (!got) {
        setOn(false);
        return;
      }
      const byID = new Map(tracks.map((x) => [x.id, x]));
      const placed = got.items.flatMap(({ track: id, why, whyPhrase }) => {
        const track = byID.get(id);
        return track ? [{ track, why: said(why, whyPhrase) }] : [];
      });
      setMixed({ of: key, list: placed });
    });
    return () => {
      gone = true;
    };
  }, [on, key]);
  const shown = on && mixed?.of === key ? mixed.list : tracks.map((track) => ({ track, why: "" }));
  return { on, toggle: () => setOn(!on), shown };
}

/** The switch; a list of one has no order. */
export function MixSwitch({ mix: m }: { mix: Mix }) {
  if (m.shown.length < 2) return null;
  return (
    <button type="button" class="button mix" aria-pressed={m.on} title={t("mix.hint")} disabled={!connected.value} onClick={m.toggle}>
      <Icon name="mix" size={20} />
      {t("mix.label")}
    </button>
  );
}
