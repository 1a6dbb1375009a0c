import { describe, expect, it, vi } from "vitest";
import type { Device, Zone } from "../api/types";

vi.stubGlobal("navigator", { languages: ["ko-KR"] });

describe("names that the gateway gave", async () => {
  const { lang } = await import("./prefs");
  const { namedDevice, namedZone } = await import("./names");
  const zone = (name: string) => ({ id: "z", name }) as Zone;
  const device = (name: string, own: boolean) => ({ id: "d", name, own }) as Device;

  it("are said in the page's language, there and back", () => {
    lang.value = "ko";
    const z = namedZone(zone("Home"));
    const d = namedDevice(device("Den (this machine)", true));
    expect([z.name, d.name]).toEqual(["집", "Den (이 기기)"]);
    lang.value = "en";
    expect([namedZone(z).name, namedDevice(d).name]).toEqual(["Home", "Den (this machine)"]);
  });

  it("give way to those that people give", () => {
    lang.value = "ko";
    expect(namedZone(zone("Home office")).name).toBe("Home office");
    expect(namedDevice(device("Shelf", true)).name).toBe("Shelf");
    expect(namedDevice(device("Shelf (this machine)", false)).name).toBe("Shelf (this machine)");
  });
});
