import { createSocket, type Socket } from "node:dgram";
import { connect, createServer, type AddressInfo } from "node:net";

/** A gateway's port as a network shows it that may carry no UDP. */
export interface Relay {
  url: string; // by HTTPS
  carriesUDP: boolean;
  close(): void;
}

/** Stands before the gateway at an address, on loopback, under one port number. */
export async function startRelay(of: string): Promise<Relay> {
  const { hostname: host, port } = new URL(of);
  const tcp = createServer((inside) => {
    const outside = connect(Number(port), host);
    inside.pipe(outside).pipe(inside);
    for (const s of [inside, outside]) s.on("error", () => (inside.destroy(), outside.destroy()));
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  const own = (tcp.address() as AddressInfo).port;
  const udp = createSocket("udp4");
  const outsides = new Map<number, Socket>(); // by the client's port
  const relay: Relay = {
    url: `https://127.0.0.1:${own}`,
    carriesUDP: true,
    close: () => {
      for (const s of [udp, ...outsides.values()]) s.close();
      tcp.close();
    },
  };
  udp.on("message", (packet, from) => {
    if (!relay.carriesUDP) return;
    let outside = outsides.get(from.port);
    if (!outside) {
      outside = createSocket("udp4");
      outsides.set(from.port, outside);
      outside.on("message", (back) => relay.carriesUDP && udp.send(back, from.port, from.address));
    }
    outside.send(packet, Number(port), host);
  });
  await new Promise<void>((resolve) => udp.bind(own, "127.0.0.1", resolve));
  return relay;
}
