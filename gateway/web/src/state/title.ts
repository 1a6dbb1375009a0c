import { effect } from "@preact/signals";
import { zone } from "./live";

/** The window's title says what plays. */
export function keepTitle(): void {
  effect(() => {
    const z = zone.value;
    document.title = z?.track && z.state === "playing" ? `${z.track.title} – ${z.track.artist} · Jumpgate` : "Jumpgate";
  });
}
