// A player of sendspin-js in a browser. It tells the test what it hears and
// does what the answers ask for.
import { SendspinCore } from "sendspin";

const params = new URLSearchParams(location.search);
const heard = { chunks: 0, frames: 0, peak: 0, first: 0, last: 0, clears: 0, ends: 0, starts: [] };
let state = {};

const core = new SendspinCore({
  playerId: "js-peer",
  clientName: "Browser",
  baseUrl: location.origin,
  codecs: params.get("codecs").split(","),
  storage: { getItem: (key) => (key === "sendspin-identity-sk" ? "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A" : null), setItem: () => {} }, // of 4.0.0: the same id each time
  onStateChange: (s) => { state = s; },
});
core.onAudioData = (chunk) => {
  // FLAC is decoded asynchronously and may come out of order.
  heard.first = heard.chunks === 0 ? chunk.serverTimeUs : Math.min(heard.first, chunk.serverTimeUs);
  heard.chunks += 1;
  heard.last = Math.max(heard.last, chunk.serverTimeUs);
  heard.frames += chunk.samples[0].length;
  for (const channel of chunk.samples) for (const x of channel) heard.peak = Math.max(heard.peak, Math.abs(x));
};
core.onStreamStart = (format) => { heard.starts.push(`${format.codec} ${format.sample_rate}`); };
core.onStreamClear = () => { heard.clears += 1; heard.last = 0; };
core.onStreamEnd = () => { heard.ends += 1; };

async function report(extra) {
  const answer = await fetch("/report", {
    method: "POST",
    body: JSON.stringify({
      ...heard, ...extra,
      connected: core.isConnected, synced: core.timeSyncInfo.synced,
      clock: core.getCurrentServerTimeUs(),
      volume: core.volume, muted: core.muted,
      title: state.serverState?.metadata?.title ?? "",
      commands: state.serverState?.controller?.supported_commands ?? [],
      group: state.groupState?.group_name ?? "",
    }),
  });
  return answer.json();
}

await core.connect();
for (;;) {
  const ask = await report({});
  if (ask.press) {
    try { core.sendCommand(ask.press, {}); } catch (e) { await report({ refused: String(e) }); }
  }
  if (ask.volume !== undefined) core.setVolume(ask.volume);
  if (ask.leave) { core.disconnect("user_request"); break; }
  await new Promise((done) => setTimeout(done, 50));
}
