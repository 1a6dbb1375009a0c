import { signal } from "@preact/signals";
import { api } from "../api/client";
import { ApiError, Unreachable, onSignedOut } from "../api/http";
import { goLive, goQuiet, server } from "./live";

// Who is at this browser: not known yet, nobody can be (no answer), a first
// visitor, somebody to sign in, or an account.

export type Session =
  | { is: "asking" }
  | { is: "unreachable" }
  | { is: "unclaimed" }
  | { is: "out" }
  | { is: "in"; name: string };

export const session = signal<Session>({ is: "asking" });
let retry: ReturnType<typeof setTimeout> | undefined;

export async function begin(): Promise<void> {
  clearTimeout(retry);
  try {
    server.value = await api.server();
    if (!server.value.claimed) {
      session.value = { is: "unclaimed" };
      return;
    }
    const who = await api.session();
    enter(who.name);
  } catch (err) {
    if (err instanceof ApiError && err.status === 401) {
      session.value = { is: "out" };
      return;
    }
    session.value = { is: "unreachable" };
    retry = setTimeout(() => void begin(), err instanceof Unreachable ? 1500 : 4000);
  }
}

function enter(name: string): void {
  session.value = { is: "in", name };
  goLive();
}

export async function claim(code: string, name: string, password: string): Promise<void> {
  await api.claim(code, name, password);
  if (server.value) server.value = { ...server.value, claimed: true };
  enter(name);
}

export async function signIn(name: string, password: string): Promise<void> {
  await api.signIn(name, password);
  enter(name);
}

export async function signOut(): Promise<void> {
  await api.signOut();
  leave();
}

function leave(): void {
  goQuiet();
  session.value = { is: "out" };
}

onSignedOut(() => {
  if (session.value.is === "in") leave();
});
