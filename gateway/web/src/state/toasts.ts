import { signal } from "@preact/signals";
import { ApiError, Unreachable, aborted } from "../api/http";
import { said, t } from "../i18n";

// One sentence at a time at the foot of the screen, read aloud when it comes.

export interface Toast {
  id: number;
  text: string;
  kind: "note" | "error";
}

export const toast = signal<Toast | null>(null);
let last = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, kind: Toast["kind"] = "note"): void {
  const id = ++last;
  toast.value = { id, text, kind };
  clearTimeout(timer);
  timer = setTimeout(() => dismiss(id), kind === "error" ? 7000 : 3500);
}

export function dismiss(id: number): void {
  if (toast.value?.id === id) toast.value = null;
}

/** The sentence for an error; empty for one that nobody needs to hear of. */
export function sentence(err: unknown): string {
  if (aborted(err)) return "";
  if (err instanceof ApiError) return said(err.message, err.problem.phrase);
  if (err instanceof Unreachable) return t("error.unreachable");
  return t("error.unknown");
}

export function sayError(err: unknown): void {
  const text = sentence(err);
  if (text) say(text, "error");
}

/** Runs what a tap asked for; a failure is undone and said. */
export async function attempt<T>(work: () => Promise<T>, undo?: () => void): Promise<T | undefined> {
  try {
    return await work();
  } catch (err) {
    undo?.();
    sayError(err);
    return undefined;
  }
}
