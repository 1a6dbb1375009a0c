// Appends streams to Chromium's media source and prints what came of each as JSON.
// Run in a folder whose node_modules have playwright-core:
//   node mse.mjs BASE '[{"mime": "...", "pieces": ["init.mp4", "0.m4s"]}]'
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const [base, streams] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
});
try {
  const page = await browser.newPage();
  await page.goto(`${base}/page`);
  const result = await page.evaluate(async (all) => {
    const append = (buffer, data) =>
      new Promise((resolve, reject) => {
        buffer.addEventListener("updateend", resolve, { once: true });
        buffer.addEventListener("error", () => reject(new Error("not taken")), { once: true });
        buffer.appendBuffer(data);
      });
    const one = async ({ mime, pieces }) => {
      const out = { supported: MediaSource.isTypeSupported(mime), ranges: [], playedMs: 0, error: "" };
      if (!out.supported) return out;
      const audio = document.createElement("audio");
      const source = new MediaSource();
      audio.src = URL.createObjectURL(source);
      await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
      try {
        const buffer = source.addSourceBuffer(mime);
        for (const piece of pieces) await append(buffer, await (await fetch(piece)).arrayBuffer());
        for (let i = 0; i < buffer.buffered.length; i++) out.ranges.push([buffer.buffered.start(i), buffer.buffered.end(i)]);
        source.endOfStream();
        // Its decoder takes it too: the last second plays to its end.
        audio.currentTime = buffer.buffered.end(buffer.buffered.length - 1) - 1;
        const from = audio.currentTime;
        await audio.play();
        await new Promise((resolve, reject) => {
          audio.addEventListener("ended", resolve, { once: true });
          audio.addEventListener("error", () => reject(audio.error), { once: true });
          setTimeout(() => reject(new Error("it does not play to its end")), 20_000);
        });
        out.playedMs = (audio.currentTime - from) * 1000;
      } catch (e) {
        out.error = `${e?.message ?? e}`;
      }
      return out;
    };
    return Promise.all(all.map(one));
  }, JSON.parse(streams));
  process.stdout.write(JSON.stringify(result));
} finally {
  await browser.close();
}
