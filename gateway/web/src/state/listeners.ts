import { computed } from "@preact/signals";
import { api } from "../api/client";
import { onBehalfOf } from "../api/http";
import type { Listener, Wanted, Zone } from "../api/types";
import { t } from "../i18n";
import { editZone, listeners } from "./live";
import { chosenListener, lang } from "./prefs";
import { session } from "./session";
import { attempt, say } from "./toasts";

/** Who is at this browser: the one chosen here, or who came with the account. */
export const me = computed<Listener | null>(() => {
  const all = listeners.value;
  const account = session.value.is === "in" ? session.value.name : "";
  return all.find((l) => l.id === chosenListener.value) ?? all.find((l) => l.account === account && account !== "") ?? null;
});

onBehalfOf(() => (listeners.peek().some((l) => l.id === chosenListener.peek()) ? chosenListener.peek() : ""));

export function listener(id: string): Listener | undefined {
  return listeners.value.find((l) => l.id === id);
}

/** The taste that a zone's music is chosen by, for what is asked about one. */
export function tasteOf(z: Zone): string {
  const mine = me.value;
  return mine?.id ?? z.listeners[0] ?? `zone:${z.id}`;
}

/** "Mina and Jun". */
export function names(of: readonly Listener[]): string {
  return new Intl.ListFormat(lang.value, { type: "conjunction" }).format(of.map((l) => l.name));
}

export function listening(z: Zone): Listener[] {
  return listeners.value.filter((l) => z.listeners.includes(l.id));
}

export function setListening(z: Zone, ids: string[]): Promise<unknown> {
  return attempt(() => api.changeZone(z.id, { listeners: ids }), editZone(z.id, { listeners: ids }));
}

export function setLearning(z: Zone, learning: boolean): Promise<unknown> {
  return attempt(() => api.changeZone(z.id, { learning }), editZone(z.id, { learning }));
}

/** Corrects the taste of who is at this browser, and says so. */
export async function wishFor(taste: string, kind: string, id: string, name: string, wish: Wanted): Promise<void> {
  const done = await attempt(() => api.wish(taste, kind, id, wish));
  if (done) say(t(`wish.${wish}.said`, { name }));
}
