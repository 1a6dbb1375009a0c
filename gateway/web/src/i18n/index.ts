import { lang } from "../state/prefs";
import { en, type Key } from "./en";
import { ko } from "./ko";

export type { Key };
export { said, tagName, type Phrase } from "./phrase";

/**
 * The sentence for a key in the chosen language, filled in. English also chooses
 * by a number: {n|track|tracks}.
 */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const sentence: string = (lang.value === "ko" ? ko : en)[key];
  const chosen = sentence.replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, name: string, one: string, many: string) => (values[name] === 1 ? one : many));
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(lang.value) : value;
  });
}

/** 3:07, or 1:02:03. */
export function clockTime(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** A long duration in words. */
export function span(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return t("library.minutes", { n: minutes });
  return t("library.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}
