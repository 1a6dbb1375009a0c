import { beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("navigator", { languages: ["ko-KR"] });

describe("the dictionary", () => {
  let en: Record<string, string>;
  let ko: Record<string, string>;
  beforeAll(async () => {
    ({ en } = await import("./en"));
    ({ ko } = await import("./ko"));
  });

  it("has every sentence in both languages, with the same blanks", () => {
    const blanks = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort();
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    for (const [key, sentence] of Object.entries(en)) {
      expect(blanks(ko[key] ?? ""), key).toEqual(blanks(sentence));
      expect(ko[key]?.trim(), key).not.toBe("");
    }
  });

  it("counts in English", async () => {
    const { lang } = await import("../state/prefs");
    const { t } = await import("./index");
    lang.value = "en";
    expect([0, 1, 2].map((n) => t("library.tracks.n", { n }))).toEqual(["0 tracks", "1 track", "2 tracks"]);
    expect(t("taste.ratings", { likes: 1, dislikes: 3 })).toBe("1 like, 3 dislikes.");
    lang.value = "ko";
  });

  it("starts in the browser's language and fills blanks", async () => {
    const { t, clockTime } = await import("./index");
    expect(t("library.tracks.n", { n: 1200 })).toBe("1,200곡");
    expect(t("jump.from", {})).toBe("지금은 {name}");
    expect(clockTime(187_900)).toBe("3:07");
    expect(clockTime(3_723_000)).toBe("1:02:03");
  });
});
