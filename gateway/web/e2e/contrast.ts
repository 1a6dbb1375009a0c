import type { Page } from "playwright-core";

/** A line of text or an icon, and where it stands. */
interface Ink {
  what: string;
  color: string;
  opacity: number;
  needs: number;
  box: { x: number; y: number; width: number; height: number };
}

let beside: Page | undefined;

/**
 * What cannot be read well, as lines: less than 4.5 to 1 for text, 3 to 1 for
 * large text and icons (WCAG 2.2, 1.4.3 and 1.4.11). Measured on what is
 * painted behind each, because axe leaves out all that stands on a gradient,
 * which is everything here.
 */
export async function faint(page: Page): Promise<string[]> {
  const found = await measured(page);
  if (found.length === 0) return found;
  await page.waitForTimeout(500); // a picture may have come, and moved what is below it, between the two looks
  return measured(page);
}

async function measured(page: Page): Promise<string[]> {
  const inks = await page.evaluate(collect);
  const sheet = await page.evaluateHandle(() => {
    const s = new CSSStyleSheet();
    s.replaceSync(`*, ::placeholder { color: transparent !important; transition: none !important; animation: none !important; }
      .icon { visibility: hidden !important; }`);
    document.adoptedStyleSheets.push(s);
    return s;
  });
  const behind = (await page.screenshot()).toString("base64");
  await page.evaluate((s) => (document.adoptedStyleSheets = document.adoptedStyleSheets.filter((x) => x !== s)), sheet);
  // Beside the page, whose own policy lets it read no pictures from data, and
  // in another window, which takes nothing from this one.
  beside ??= await (await page.context().browser()?.newContext())?.newPage();
  if (!beside) throw new Error("the page belongs to no browser");
  const ratios = await beside.evaluate(measure, { behind, inks });
  return inks.flatMap((ink, i) => ((ratios[i] ?? 0) < ink.needs ? [`${(ratios[i] ?? 0).toFixed(2)} to 1, not ${ink.needs}: ${ink.what}`] : []));
}

/** Runs in the page: everything that is drawn in one color on something else. */
function collect(): Ink[] {
  const found: Ink[] = [];
  const add = (e: Element, rect: DOMRect, what: string, icon: boolean) => {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest(":disabled, .unseen, .skip")) return;
    let { left, top, right, bottom } = rect;
    let opacity = 1;
    for (let x: Element | null = e; x; x = x.parentElement) {
      const s = getComputedStyle(x);
      opacity *= parseFloat(s.opacity);
      if (s.overflow === "visible") continue;
      const clip = x.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, clip.left), Math.max(top, clip.top), Math.min(right, clip.right), Math.min(bottom, clip.bottom)];
    }
    [left, top, right, bottom] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
    if (right - left < 4 || bottom - top < 4) return;
    // Not what lies under something else, such as a row under the search field.
    const under = (y: number) => {
      const on = document.elementFromPoint((left + right) / 2, y);
      return !on || !(on.contains(e) || e.contains(on));
    };
    if (under(top + 1) || under(bottom - 1)) return;
    const s = getComputedStyle(e);
    const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && Number(s.fontWeight) >= 700);
    found.push({
      what: `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""} “${what.slice(0, 40)}” in ${s.color} at ${Math.round(left)},${Math.round(top)}`,
      color: s.color,
      opacity,
      needs: large || icon ? 3 : 4.5,
      box: { x: left, y: top, width: right - left, height: bottom - top },
    });
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = texts.nextNode(); n; n = texts.nextNode()) {
    const text = n.textContent?.trim();
    if (!text || !n.parentElement) continue;
    const range = document.createRange();
    range.selectNodeContents(n);
    for (const r of range.getClientRects()) add(n.parentElement, r, text, false);
  }
  for (const e of document.querySelectorAll(".icon")) add(e, e.getBoundingClientRect(), e.closest("[aria-label]")?.getAttribute("aria-label") ?? "", true);
  return found;
}

/** Runs beside the page: how far each stands out from what is behind it, but for the worst twentieth of its pixels. */
async function measure({ behind, inks }: { behind: string; inks: Ink[] }): Promise<number[]> {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${behind}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true });
  const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!canvas || !dot) return [];
  canvas.drawImage(picture, 0, 0);
  const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (r: number, g: number, b: number) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return inks.map(({ color, opacity, box }) => {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = color;
    dot.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, alpha = 0] = dot.getImageData(0, 0, 1, 1).data;
    const a = (alpha / 255) * opacity;
    const { data } = canvas.getImageData(Math.round(box.x), Math.round(box.y), Math.max(1, Math.floor(box.width)), Math.max(1, Math.floor(box.height)));
    const ratios: number[] = [];
    for (let i = 0; i < data.length; i += 4) {
      const [br = 0, bg = 0, bb = 0] = data.subarray(i, i + 3);
      const back = luminance(br, bg, bb);
      const front = luminance(r * a + br * (1 - a), g * a + bg * (1 - a), b * a + bb * (1 - a));
      ratios.push((Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05));
    }
    ratios.sort((x, y) => x - y);
    return ratios[Math.floor(ratios.length / 20)] ?? 0;
  });
}
