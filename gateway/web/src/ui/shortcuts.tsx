import { members, zone } from "../state/live";
import { heard, jump, next, nudgeVolume, previous, rate, rating, seek, toggle } from "../state/player";
import { go, route, type Tab } from "../state/route";
import { session } from "../state/session";
import { KeysDialog } from "../views/KeysDialog";
import { dialogIsOpen, openDialog } from "./dialogs";

const step = 5000; // ms a press of an arrow
const louder = 4;
const tabKeys: Record<string, Exclude<Tab, "settings" | "library">> = { "1": "playing", "2": "queue", "4": "speakers" };

/** The keyboard as a remote, wherever the focus does not want the key itself. */
export function keepShortcuts(): void {
  window.addEventListener("keydown", (e) => {
    if (session.value.is !== "in" || dialogIsOpen() || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (wantsKey(e.target, e.key)) return;
    if (press(e)) e.preventDefault();
  });
}

/** A field wants every key, a slider its arrows, a button its space. */
function wantsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "range" || key.startsWith("Arrow");
  if (target.matches("textarea, select, [contenteditable]")) return true;
  return key === " " && target.matches("button, a, summary");
}

function press(e: KeyboardEvent): boolean {
  const z = zone.value;
  switch (e.key) {
    case " ":
      void toggle();
      return true;
    case "ArrowLeft":
      void (e.shiftKey ? previous() : z && seek(Math.max(0, heard(z) - step)));
      return true;
    case "ArrowRight":
      void (e.shiftKey ? next() : z && seek(heard(z) + step));
      return true;
    case "ArrowUp":
    case "ArrowDown":
      if (z && route.value.tab === "playing") nudgeVolume(members(z), e.key === "ArrowUp" ? louder : -louder);
      return route.value.tab === "playing";
    case "/":
      go({ tab: "library", shelf: "albums", q: "" });
      requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("search")?.focus()));
      return true;
    case "?":
      openDialog(<KeysDialog />);
      return true;
    case "3":
      go({ tab: "library", shelf: "albums", q: "" });
      return true;
  }
  const tab = tabKeys[e.key];
  if (tab) {
    go({ tab });
    return true;
  }
  // By place, so that a Korean layout has them too.
  if (e.code === "KeyJ") void jump();
  else if (e.code === "KeyL" && z?.track) void rate(z.track, rating(z.track) === 1 ? 0 : 1);
  else return false;
  return true;
}
