import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer, type WebSocket } from "ws";
import { cover } from "./covers";
import { House } from "./house";
import { Refused } from "./refused";
import { rest } from "./rest";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };
// As strict as a gateway's own.
const policy = "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export interface Mock {
  url: string;
  house: House;
  /** Cuts every live connection, and takes no new one until given back. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** A gateway in memory, for working on the page. */
export async function startMock(port = 0): Promise<Mock> {
  const house = new House();
  const sockets = new WebSocketServer({ noServer: true });
  let open = true;
  let seq = 100;
  const server = createServer((req, res) => void serve(house, req, res));
  server.on("upgrade", (req, socket, head) => {
    if (!open) socket.destroy();
    else sockets.handleUpgrade(req, socket, head, (ws) => listen(house, ws, () => seq));
  });
  house.changed = (key) => {
    const text = JSON.stringify({ type: "delta", seq: ++seq, set: { [key]: house.value(key) } });
    for (const ws of sockets.clients) ws.send(text);
  };
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    house,
    cut() {
      open = false;
      for (const ws of sockets.clients) ws.terminate();
    },
    restore: () => void (open = true),
    async close() {
      for (const ws of sockets.clients) ws.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(house: House, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? "/", "http://mock");
  if (!url.pathname.startsWith("/api/")) return page(url.pathname, res);
  if (url.pathname.startsWith("/api/v1/covers/")) {
    const id = url.pathname.split("/").at(-1) ?? "";
    res.writeHead(200, { "content-type": "image/svg+xml" }).end(cover(id, house.music.genres.get(id) ?? ""));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
  try {
    const a = rest(house, req.method ?? "GET", url, body, req.headers.cookie?.includes("jumpgate=yes") ?? false);
    const cookie = a.cookie ? { "set-cookie": `${a.cookie}; Path=/; HttpOnly; SameSite=Strict` } : {};
    res.writeHead(a.status, { "content-type": "application/json", ...cookie }).end(a.body === undefined ? "" : JSON.stringify(a.body));
  } catch (err) {
    const p = problem(err);
    res.writeHead(p.status, { "content-type": "application/problem+json" }).end(JSON.stringify(p));
  }
}

function problem(err: unknown): { type: string; title: string; status: number; detail: string } {
  if (!(err instanceof Refused)) throw err;
  return { type: `/problems/${err.kind}`, title: err.kind, status: err.status, detail: err.message };
}

async function page(path: string, res: ServerResponse): Promise<void> {
  const file = normalize(join(dist, path === "/" ? "index.html" : path));
  try {
    if (!file.startsWith(dist)) throw new Error("outside");
    const bytes = await readFile(file);
    res.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": policy }).end(bytes);
  } catch {
    res.writeHead(404).end();
  }
}

function listen(house: House, ws: WebSocket, seq: () => number): void {
  const send = (m: unknown) => ws.send(JSON.stringify(m));
  ws.on("message", (data: Buffer) => {
    const m = JSON.parse(data.toString()) as { id: string; cmd: string; zone?: string };
    try {
      if (m.cmd === "subscribe") {
        send({ type: "reply", id: m.id, ok: true, result: { seq: seq() } });
        send({ type: "snapshot", seq: seq(), state: Object.fromEntries(house.keys().map((k) => [k, house.value(k)])) });
        return;
      }
      if (m.cmd === "queue.get") {
        send({ type: "reply", id: m.id, ok: true, result: house.zone(m.zone ?? "").queue(0, 1) });
        return;
      }
      if (!m.cmd.startsWith("zone.")) throw new Refused(501, "not-available", "This gateway makes no sound: it is for trying the page.");
      send({ type: "reply", id: m.id, ok: true, result: house.transport(m.cmd.slice(5), m.zone ?? "", m as object) });
    } catch (err) {
      send({ type: "reply", id: m.id, ok: false, problem: problem(err) });
    }
  });
}
