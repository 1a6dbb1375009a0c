import { describe, expect, it } from "vitest";
import { standout } from "./tint";

const pixels = (...colours: [number, number, number][]) => colours.flatMap(([r, g, b]) => [r, g, b, 255]);

describe("standout", () => {
  it("takes the hue with the most colour, not the most pixels", () => {
    const grey: [number, number, number] = [60, 62, 60];
    expect(standout(pixels(grey, grey, grey, [30, 80, 220], [35, 90, 210]))).toMatch(/^hsl\(2[12]\d/);
  });

  it("finds nothing on a cover without colour", () => {
    expect(standout(pixels([10, 10, 10], [240, 240, 240]))).toBeNull();
  });
});
