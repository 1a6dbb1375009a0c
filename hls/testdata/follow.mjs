// Follows a live playlist with hls.js in Chromium and prints what came of it as
// JSON. Run in a folder whose node_modules have playwright-core and hls.js:
//   node follow.mjs URL SECONDS [a switch for Chromium ...]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const library = readFileSync(require.resolve("hls.js/dist/hls.min.js"), "utf8");
const [url, seconds, ...switches] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", ...switches],
});
try {
  const page = await browser.newPage();
  await page.goto(new URL("/page", url).href);
  await page.evaluate(library);
  const result = await page.evaluate(
    async ([from, duration]) => {
      const { Hls } = window;
      const audio = document.createElement("audio");
      // As the page's player sets it, and skips what a start took once there is
      // enough to go on with: hls.js itself catches up only from a second on.
      const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.05, liveSyncOnStallIncrease: 0.25 });
      const out = { errors: [], stalls: 0, skips: 0, latencies: [], startMs: 0, playedMs: 0, parts: 0, protocols: [] };
      const begun = performance.now();
      hls.on(Hls.Events.ERROR, (_, e) => out.errors.push(`${e.fatal ? "fatal " : ""}${e.details}`));
      hls.on(Hls.Events.FRAG_LOADED, (_, e) => (out.parts += e.part ? 1 : 0));
      hls.on(Hls.Events.LEVEL_UPDATED, () => {
        const present = hls.liveSyncPosition ?? 0;
        const ready = audio.buffered.length > 0 && audio.buffered.end(audio.buffered.length - 1) > present + 0.15;
        const fresh = performance.now() - begun < 6000 && !audio.paused && !audio.seeking;
        if (fresh && ready && present - audio.currentTime > 0.15) audio.currentTime = present;
      });
      hls.loadSource(from);
      hls.attachMedia(audio);
      await audio.play();
      out.startMs = performance.now() - begun;
      // It waits too when it is sent to another place: that is no stall.
      audio.addEventListener("waiting", () => (audio.seeking ? out.skips++ : out.stalls++));
      const position = audio.currentTime;
      const until = performance.now() + duration * 1000;
      while (performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        // Against the wall clock: what is heard now was stamped with when?
        if (hls.playingDate) out.latencies.push(Date.now() - hls.playingDate.getTime());
      }
      out.playedMs = (audio.currentTime - position) * 1000;
      out.protocols = [...new Set(performance.getEntriesByType("resource").map((e) => e.nextHopProtocol))];
      hls.destroy();
      return out;
    },
    [url, Number(seconds)],
  );
  process.stdout.write(JSON.stringify(result));
} finally {
  await browser.close();
}
