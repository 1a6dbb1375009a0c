import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Track } from "../../api/types";
import { said, t } from "../../i18n";
import { me } from "../../state/listeners";
import { connected } from "../../state/live";
import { PagedList } from "../../state/pages";
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
  return m.shown.length < 2 ? null : <MixButton on={m.on} toggle={m.toggle} />;
}

export function MixButton({ on, toggle }: { on: boolean; toggle: () => void }) {
  return (
    <button type="button" class="button mix" aria-pressed={on} title={t("mix.hint")} disabled={!connected.value} onClick={toggle}>
      <Icon name="mix" size={20} />
      {t("mix.label")}
    </button>
  );
}

/** More tracks than these are not sorted at once: a phone has to hold them all. */
export const mostMixed = 20_000;
const asked = 1000; // at a time

/** All tracks of the library by predicted liking, as a long list. */
export function mixedLibrary(): PagedList<Placed> {
  let all: Promise<Placed[]> | undefined;
  return new PagedList<Placed>(async (offset, limit, signal) => {
    all ??= sorted(signal);
    all.catch(() => (all = undefined)); // so that it is asked again
    const list = await all;
    return { items: list.slice(offset, offset + limit), offset, total: list.length };
  });
}

async function sorted(signal: AbortSignal): Promise<Placed[]> {
  const byID = new Map<string, Track>();
  for (let offset = 0, total = 1; offset < Math.min(total, mostMixed); offset += asked) {
    const page = await api.tracks({ offset, limit: asked }, signal);
    page.items.forEach((track) => byID.set(track.id, track));
    total = page.total;
  }
  const { items } = await api.mix([...byID.keys()]);
  return items.flatMap(({ track: id, why, whyPhrase }) => {
    const track = byID.get(id);
    return track ? [{ track, why: said(why, whyPhrase) }] : [];
  });
}
