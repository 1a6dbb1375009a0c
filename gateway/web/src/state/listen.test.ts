import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Device, Zone } from "../api/types";

const live = {
  command: vi.fn(() => Promise.resolve({ device: "tab-1", url: "/whep" })),
  connected: signal(true),
  devices: signal<ReadonlyMap<string, Device>>(new Map()),
  zones: signal<ReadonlyMap<string, Zone>>(new Map([["z", { id: "z", epoch: 1, state: "playing" } as Zone]])),
  server: signal({ features: { opus: true } }),
};
const lines: (() => void)[] = []; // what each WebRTC connection calls when it is lost
const sessions: (() => void)[] = []; // and each session of WebTransport
const mode = signal("auto");
const playlists = vi.fn(() => ({ start: () => Promise.resolve(), stop: () => undefined, resync: () => undefined }));
let refused = false;
vi.mock("./live", () => live);
vi.mock("./prefs", () => ({ listenMode: mode }));
vi.mock("./toasts", () => ({ say: vi.fn(), sayError: vi.fn() }));
vi.mock("../i18n", () => ({ t: (key: string) => key }));
vi.mock("../listen/tabName", () => ({ tabName: () => "a tab" }));
vi.mock("../listen/hls", () => ({ hlsDriver: playlists }));
vi.mock("../listen/push", () => ({
  canBePushed: () => true,
  PushPlayer: class {
    constructor(_: string, lost: () => void) {
      sessions.push(lost);
    }
    start = () => (refused ? Promise.reject(new Error("refused")) : Promise.resolve());
    stop = () => undefined;
  },
}));
vi.mock("../listen/whep", () => ({
  Whep: class {
    constructor(lost: () => void) {
      lines.push(lost);
    }
    start = () => Promise.resolve();
    stop = () => undefined;
  },
}));
vi.stubGlobal("window", { addEventListener: () => undefined, RTCPeerConnection: undefined });
vi.stubGlobal("document", { createElement: () => ({ play: () => Promise.resolve(), pause: () => undefined }), body: { append: () => undefined } });

const tab = { id: "tab-1", kind: "browser", zone: "z", volume: null } as Device;
const there = () => (live.devices.value = new Map([["tab-1", tab]]));
const joins = () => live.command.mock.calls.length;

describe("a tab that listens", () => {
  let listen: typeof import("./listen");
  beforeEach(async () => {
    vi.resetModules();
    live.command.mockClear();
    live.connected.value = true;
    live.devices.value = new Map();
    lines.length = sessions.length = 0;
    playlists.mockClear();
    mode.value = "auto";
    refused = false;
    listen = await import("./listen");
    listen.keepListening();
    await listen.listenHere("z");
    there();
    expect(listen.listening.value?.state).toBe("on");
    expect(joins()).toBe(1);
  });

  afterEach(() => listen.stopListening());

  it("joins again when the gateway comes back without knowing it", async () => {
    live.connected.value = false;
    live.connected.value = true; // before the snapshot is here
    expect(joins()).toBe(1);
    live.devices.value = new Map();
    await vi.waitFor(() => expect(listen.listening.value?.state).toBe("on"));
    expect(joins()).toBe(2);
    there();
    await Promise.resolve();
    expect(joins()).toBe(2);
  });

  it("joins again when its connection is lost, once there is a gateway", async () => {
    live.connected.value = false;
    lines.at(-1)?.();
    expect(joins()).toBe(1);
    live.connected.value = true;
    await vi.waitFor(() => expect(joins()).toBe(2));
    lines[0]?.(); // an old connection has nothing to say
    expect(joins()).toBe(2);
  });

  it("stays away when it was let go", async () => {
    await listen.stopListening();
    live.command.mockClear();
    live.devices.value = new Map();
    lines.at(-1)?.();
    expect(joins()).toBe(0);
  });

  describe("that is pushed to", () => {
    beforeEach(async () => {
      mode.value = "hls";
      await listen.listenHere("z");
      expect([sessions.length, playlists.mock.calls.length]).toEqual([1, 0]);
    });

    it("plays by playlists when its session is lost, once there is a gateway", async () => {
      live.connected.value = false;
      sessions[0]?.();
      expect(joins()).toBe(2);
      live.connected.value = true;
      await vi.waitFor(() => expect(playlists).toHaveBeenCalledTimes(1));
      await vi.waitFor(() => expect(listen.listening.value?.state).toBe("on"));
      expect([joins(), sessions.length]).toEqual([3, 1]);
    });

    it("tries again after a while", async () => {
      refused = true;
      await listen.listenHere("z");
      await listen.listenHere("z");
      expect([sessions.length, playlists.mock.calls.length]).toEqual([2, 2]);
      refused = false;
      const later = performance.now() + 601_000;
      const now = vi.spyOn(performance, "now").mockReturnValue(later);
      await listen.listenHere("z");
      expect([sessions.length, playlists.mock.calls.length]).toEqual([3, 2]);
      now.mockRestore();
    });
  });
});
