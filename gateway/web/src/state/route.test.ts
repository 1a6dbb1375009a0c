import { beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("location", { hash: "" });
vi.stubGlobal("window", { addEventListener: () => undefined });

describe("routes", () => {
  let route: typeof import("./route");
  beforeAll(async () => {
    route = await import("./route");
  });

  it("come back as they were written", () => {
    const all: import("./route").Route[] = [
      { tab: "playing" },
      { tab: "queue" },
      { tab: "library", shelf: "albums", q: "" },
      { tab: "library", shelf: "tracks", q: "봄 & 여름?" },
      { tab: "library", detail: "album", id: "a/b c" },
      { tab: "settings" },
    ];
    for (const r of all) expect(route.parseRoute(route.hrefTo(r))).toEqual(r);
  });

  it("lead home from anywhere unknown", () => {
    expect(route.parseRoute("#/nowhere")).toEqual({ tab: "playing" });
    expect(route.parseRoute("#/library/%E0%A4%A")).toEqual({ tab: "library", shelf: "albums", q: "" });
    expect(route.parseRoute("#/album/")).toEqual({ tab: "library", shelf: "albums", q: "" });
  });
});
