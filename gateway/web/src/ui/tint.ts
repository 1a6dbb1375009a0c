import { coverURL } from "../api/client";

// The colour that stands out on a cover, for the light around it.

const known = new Map<string, string | null>();

/** A CSS colour, or null when there is no cover or nothing stands out. */
export async function tint(cover: string | null): Promise<string | null> {
  if (!cover) return null;
  const before = known.get(cover);
  if (before !== undefined) return before;
  const colour = await sample(coverURL(cover, 96)).catch(() => null);
  known.set(cover, colour);
  return colour;
}

async function sample(url: string): Promise<string | null> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const side = 24;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  if (!ctx) return null;
  ctx.drawImage(image, 0, 0, side, side);
  return standout(ctx.getImageData(0, 0, side, side).data);
}

/** The hue with the most colour in it, at a lightness that both themes bear. */
export function standout(rgba: ArrayLike<number>): string | null {
  const bins = new Float64Array(24);
  let colourful = 0;
  for (let i = 0; i + 3 < rgba.length; i += 4) {
    const [h, s, l] = hsl(rgba[i] ?? 0, rgba[i + 1] ?? 0, rgba[i + 2] ?? 0);
    const weight = s * (1 - Math.abs(2 * l - 1));
    const bin = Math.floor(h / 15) % 24;
    bins[bin] = (bins[bin] ?? 0) + weight;
    colourful += weight;
  }
  if (colourful / (rgba.length / 4) < 0.04) return null;
  let best = 0;
  bins.forEach((w, i) => {
    if (w > (bins[best] ?? 0)) best = i;
  });
  return `hsl(${best * 15 + 7} 55% 55%)`;
}

function hsl(r: number, g: number, b: number): [number, number, number] {
  const max = Math.max(r, g, b) / 255;
  const min = Math.min(r, g, b) / 255;
  const l = (max + min) / 2;
  const d = max - min;
  if (d === 0) return [0, 0, l];
  const s = d / (1 - Math.abs(2 * l - 1));
  const [rr, gg, bb] = [r / 255, g / 255, b / 255];
  const h = max === rr ? ((gg - bb) / d + 6) % 6 : max === gg ? (bb - rr) / d + 2 : (rr - gg) / d + 4;
  return [h * 60, s, l];
}
