// Has the page's own player take a pushed stream in Chromium, and prints what
// came of it as JSON. Run in gateway/web:
//   node push.mjs URL HASH SECONDS
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const { build } = await import(createRequire(require.resolve("vite")).resolve("rolldown"));
const [url, hash, seconds] = process.argv.slice(2);
const made = await build({ input: "src/listen/push.ts", write: false, output: { format: "iife", name: "push" } });
const code = made.output[0].code;

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(url);
  await page.addScriptTag({ content: code });
  const result = await page.evaluate(
    async ([certificate, duration]) => {
      const { PushPlayer } = window.push;
      const out = { latencies: [], stalls: 0, startMs: 0, playedMs: 0, refused: false };
      const other = new WebTransport(new URL("/nothing", location.href).href, {
        serverCertificateHashes: [{ algorithm: "sha-256", value: Uint8Array.from(atob(certificate), (c) => c.charCodeAt(0)) }],
      });
      out.refused = await other.ready.then(() => false, () => true);
      other.closed.catch(() => undefined);
      const audio = document.createElement("audio");
      const player = new PushPlayer(certificate, () => undefined);
      // Parts say when they are heard; from it the place in the stream.
      let wallOfZero = 0;
      const arrayBuffer = Response.prototype.arrayBuffer;
      Response.prototype.arrayBuffer = async function () {
        const buffer = await arrayBuffer.call(this);
        const view = new DataView(buffer);
        if (view.getUint8(0) === 1) wallOfZero = Number(view.getBigUint64(24)) / 1e3 - (Number(view.getBigUint64(12)) / 48000) * 1e3;
        return buffer;
      };
      const begun = performance.now();
      await player.start("/push", audio);
      await audio.play();
      out.startMs = performance.now() - begun;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      audio.addEventListener("waiting", () => out.stalls++);
      const position = audio.currentTime;
      const until = performance.now() + duration * 1000;
      while (performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        out.latencies.push(Date.now() - (wallOfZero + audio.currentTime * 1000));
      }
      out.playedMs = (audio.currentTime - position) * 1000;
      player.stop();
      return out;
    },
    [hash, Number(seconds)],
  );
  process.stdout.write(JSON.stringify(result));
} finally {
  await browser.close();
}
