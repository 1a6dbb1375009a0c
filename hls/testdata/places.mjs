// Has hls.js in Chromium play sound that tells its own place, go to other places or to
// other renditions of it, and prints what was heard there as JSON. Run in a folder whose
// node_modules have playwright-core and hls.js:
//   node places.mjs '{"base": "http://...", "playlist": "...", "places": [1, 2], "renditions": ["flac"]}'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const library = readFileSync(require.resolve("hls.js/dist/hls.min.js"), "utf8");
const plan = JSON.parse(process.argv[2]);

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
});
try {
  const page = await browser.newPage();
  await page.goto(`${plan.base}/page`);
  await page.evaluate(library);
  const result = await page.evaluate(async ({ playlist, places, renditions, epoch }) => {
    const { Hls } = window;
    const out = { errors: [], stalls: 0, steps: [] };
    const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const until = async (what, is) => {
      for (const end = performance.now() + 20_000; !is(); await rest(5)) {
        if (performance.now() > end) throw new Error(`it waits for ${what} in vain: ${JSON.stringify(out)}`);
      }
    };

    const audio = document.createElement("audio");
    const context = new AudioContext({ sampleRate: 16000 });
    const analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
    const source = context.createMediaElementSource(audio);
    source.connect(analyser);
    source.connect(context.destination);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const width = context.sampleRate / analyser.fftSize;
    const peak = (from, to) => {
      let best = Math.ceil(from / width);
      for (let i = best; i < to / width; i++) if (bins[i] > bins[best]) best = i;
      const [a, b, c] = [bins[best - 1], bins[best], bins[best + 1]];
      return { hz: (best + (a - c) / (2 * (a - 2 * b + c) || 1)) * width, loud: b > -50 };
    };
    // The place in seconds of what is heard; undefined in silence.
    const heard = () => {
      analyser.getFloatFrequencyData(bins);
      const [coarse, fine] = [peak(250, 4100), peak(4400, 6600)];
      if (!coarse.loud || !fine.loud) return undefined;
      const [about, within] = [coarse.hz - 300, (fine.hz - 4500) / 250];
      return Math.round((about - within) / 8) * 8 + within + analyser.fftSize / context.sampleRate / 2;
    };
    const place = () => (epoch ? ((hls.playingDate?.getTime() ?? NaN) - epoch) / 1000 : audio.currentTime);
    const listen = async (step) => {
      // A machine that is busy may be silent for a while.
      for (const end = performance.now() + 20_000; step.off.length < 7 && performance.now() < end; ) {
        await rest(60);
        const at = heard();
        if (at !== undefined) step.off.push(at - place());
      }
    };

    const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxBufferLength: 12, liveSyncOnStallIncrease: 0.25 });
    hls.on(Hls.Events.ERROR, (_, e) => {
      if (e.fatal) out.errors.push(e.details);
    });
    let playing = -1; // the rendition of what is played now
    hls.on(Hls.Events.FRAG_CHANGED, (_, e) => (playing = e.frag.level));
    const level = (name) => hls.levels.findIndex((l) => l.uri.includes(`/${name}/`));
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      if (renditions) hls.startLevel = hls.nextLevel = level(renditions[0]);
    });
    hls.loadSource(playlist);
    hls.attachMedia(audio);
    await audio.play();
    await context.resume();
    await until("the first sound", () => audio.currentTime > 0.3 && playing >= 0);
    let moving = false;
    audio.addEventListener("waiting", () => (out.stalls += moving || audio.seeking ? 0 : 1));
    const moved = (begun, to) => ({ place: to, tookMs: performance.now() - begun, uri: hls.levels[playing].uri, off: [] });

    for (const to of places ?? []) {
      const begun = performance.now();
      moving = true;
      audio.currentTime = to;
      await until(`${to} s`, () => !audio.seeking && audio.currentTime > to && audio.readyState > 2);
      moving = false;
      const step = moved(begun, to);
      await rest(150); // until nothing of the place before is in the analyser
      await listen(step);
      out.steps.push(step);
    }

    for (const name of renditions ?? []) {
      const begun = performance.now();
      if (level(name) !== playing) hls.nextLevel = level(name);
      await until(name, () => playing === level(name));
      const step = moved(begun, audio.currentTime);
      await rest(1000);
      await listen(step);
      out.steps.push(step);
    }
    hls.destroy();
    return out;
  }, plan);
  process.stdout.write(JSON.stringify(result));
} finally {
  await browser.close();
}
