import { beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("navigator", { languages: ["ko-KR"] });

describe("what the gateway says", () => {
  let said: typeof import("./phrase").said;
  let lang: typeof import("../state/prefs").lang;
  beforeAll(async () => {
    ({ said } = await import("./phrase"));
    ({ lang } = await import("../state/prefs"));
  });

  it("is said in the page's language, with what is inside it", () => {
    const why = { code: "zone.skipped", args: ["Butter", { code: "cause.file-gone", args: [] }] };
    expect(said("Skipped “Butter”: its file is gone", why)).toBe("‘Butter’ 곡을 건너뛰었어요: 파일이 사라졌어요");
    expect(said("Calm, Ambient, like the music around it.", { code: "why.tags", args: ["Calm, Ambient, Gwaenari"] })).toContain("차분함, 앰비언트, Gwaenari");
    expect(said("Skipped “{2}”: 1", { code: "zone.skipped", args: ["{2}", "{1}"] })).toBe("‘{2}’ 곡을 건너뛰었어요: {1}");
  });

  it("stays English where a newer gateway says what this page does not know", () => {
    expect(said("Brand new.", { code: "zone.brand-new", args: [] })).toBe("Brand new.");
    expect(said("Stopped: brand new", { code: "zone.stopped", args: [{ code: "cause.brand-new", args: [] }] })).toBe("Stopped: brand new");
    expect(said("connection reset", "connection reset")).toBe("connection reset");
    expect(said("No phrase.", undefined)).toBe("No phrase.");
  });

  it("is the gateway's own English on an English page", () => {
    lang.value = "en";
    expect(said("Stopped: its file is gone", { code: "zone.stopped", args: [{ code: "cause.file-gone", args: [] }] })).toBe("Stopped: its file is gone");
    lang.value = "ko";
  });
});
