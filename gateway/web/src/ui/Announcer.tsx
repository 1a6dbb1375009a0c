import { useRef } from "preact/hooks";
import { t } from "../i18n";
import { zone } from "../state/live";
import { contextName, landing } from "../state/player";

/** Says to a screen reader what changed by itself: the track, and a JUMP. */
export function Announcer() {
  const track = zone.value?.track;
  const jump = landing.value;
  const said = useRef("");
  if (jump?.state === "landed") said.current = t("jump.landed", { name: contextName(jump.context) });
  else if (track) said.current = t("playing.announce", { title: track.title, artist: track.artist });
  return (
    <p class="unseen" aria-live="polite" aria-atomic="true">
      {said.current}
    </p>
  );
}
