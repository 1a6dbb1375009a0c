import type { Problem } from "./types";
import { clock } from "../state/clock";

/** A request that the gateway refused, with its sentence for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.problem = problem;
  }
}

/** The gateway could not be reached at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("unreachable", { cause });
    this.name = "Unreachable";
  }
}

export function aborted(err: unknown): boolean {
  return err instanceof DOMException && err.name === "AbortError";
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
let whenSignedOut: () => void = () => undefined;

/** Says what to do when the gateway no longer knows this browser. */
export function onSignedOut(f: () => void): void {
  whenSignedOut = f;
}

let whose: () => string = () => "";

/** Says whose taste requests are about; empty for the account's own. */
export function onBehalfOf(f: () => string): void {
  whose = f;
}

export function signedOut(): void {
  whenSignedOut();
}

export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  const listener = whose();
  if (listener) headers["jumpgate-listener"] = listener;
  const init: RequestInit = { method, credentials: "same-origin", headers };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (err) {
    if (aborted(err)) throw err;
    throw new Unreachable(err);
  }
  clock.date(response.headers.get("date"), Date.now());
  if (!response.ok) {
    const problem = await readProblem(response);
    if (problem.status === 401 && path !== "/session" && path !== "/claim") whenSignedOut();
    throw new ApiError(problem);
  }
  if (response.status === 204 || !response.headers.get("content-type")?.includes("json")) return undefined as T;
  return (await response.json()) as T;
}

async function readProblem(response: Response): Promise<Problem> {
  const plain: Problem = { title: response.statusText || `HTTP ${response.status}`, status: response.status };
  try {
    return { ...plain, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return plain;
  }
}

/** A query string of what is given; empty values are left out. */
export function query(params: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") q.set(key, String(value));
  }
  const text = q.toString();
  return text ? `?${text}` : "";
}
