import { effect, signal } from "@preact/signals";

// What this browser remembers of its user's choices; all of it can be lost.

export type Theme = "auto" | "dark" | "light";
export type Lang = "en" | "ko";
export type ListenMode = "auto" | "whep" | "hls";

function load<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const value = read(key);
  return allowed.find((a) => a === value) ?? otherwise;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(`jumpgate.${key}`);
  } catch {
    return null; // storage is switched off
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`jumpgate.${key}`, value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

const browserLang: Lang = navigator.languages.find((l) => /^(ko|en)\b/.test(l))?.startsWith("ko") ? "ko" : "en";

export const theme = signal<Theme>(load("theme", ["auto", "dark", "light"], "auto"));
export const lang = signal<Lang>(load("lang", ["en", "ko"], browserLang));
/** How this tab would listen. */
export const listenMode = signal<ListenMode>(load("listen", ["auto", "whep", "hls"], "auto"));
/** The zone that this browser controls. */
export const chosenZone = signal<string>(read("zone") ?? "");

/** The listener who uses this browser; empty for the account's own. */
export const chosenListener = signal<string>(read("listener") ?? "");

/** Keeps storage and the document in step with the choices. */
export function keepPrefs(): void {
  effect(() => {
    write("theme", theme.value);
    if (theme.value === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
  });
  effect(() => {
    write("lang", lang.value);
    document.documentElement.lang = lang.value;
  });
  effect(() => write("listen", listenMode.value));
  effect(() => write("listener", chosenListener.value));
  effect(() => {
    if (chosenZone.value) write("zone", chosenZone.value);
  });
}
