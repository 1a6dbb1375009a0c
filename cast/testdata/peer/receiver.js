// A Cast receiver on castv2's Server: the wire is theirs, the behaviour of the
// Default Media Receiver is played here as public notes describe it.
//
//   node receiver.js CERT KEY [PORT]
//
// prints {"port":N}, then every message it gets as a JSON line. Lines on its
// standard input change what it does: "takeover", "foreign", "finish", "reboot",
// "drop", "close-app", "mute-replies", "no-fetch"; "mark" prints {"mark":true}
// behind everything that came before it. What it fetches is printed when the
// answer begins ("fetching"), now and then while it goes on, and at its end
// ("fetched").
'use strict';
const fs = require('fs');
const http = require('http');
const readline = require('readline');
const { Server } = require('castv2');

const NS = 'urn:x-cast:com.google.cast.';
const print = (object) => process.stdout.write(JSON.stringify(object) + '\n');

const server = new Server({ cert: fs.readFileSync(process.argv[2]), key: fs.readFileSync(process.argv[3]) });
const state = { app: null, volume: { level: 0.4, muted: false }, media: null, launches: 0, silent: false };
const clients = new Set();
let nextItem = 1;
let nextMedia = 1;

function reply(client, from, namespace, to, payload) {
  if (state.silent) return;
  server.send(client, from, to, NS + namespace, JSON.stringify(payload));
}
function broadcast(from, namespace, payload) {
  for (const client of clients) reply(client, from, namespace, '*', payload);
}
function receiverStatus(requestId) {
  const applications = state.app ? [state.app] : [];
  return { type: 'RECEIVER_STATUS', requestId, status: { applications, volume: state.volume } };
}
function position() {
  const m = state.media;
  if (m.playerState !== 'PLAYING') return m.at;
  return m.at + (Date.now() - m.since) / 1000;
}
// The first report of an item carries media and items; later ones only what
// moves, as devices do it.
function mediaStatus(requestId, full) {
  const m = state.media;
  if (!m) return { type: 'MEDIA_STATUS', requestId, status: [] };
  const status = { mediaSessionId: m.id, playerState: m.playerState, currentTime: position(), currentItemId: m.current, playbackRate: 1 };
  if (m.idleReason) status.idleReason = m.idleReason;
  if (full) {
    const at = m.items.findIndex((item) => item.itemId === m.current);
    status.items = m.items.slice(Math.max(0, at - 1), at + 2);
    status.media = (m.items[at] || {}).media;
  }
  return { type: 'MEDIA_STATUS', requestId, status: [status] };
}
let fetching = null;
function fetchCurrent() {
  if (fetching) fetching.destroy();
  fetching = null;
  const item = state.media.items.find((i) => i.itemId === state.media.current);
  if (!item || state.noFetch || !/^http:\/\/[0-9.]+[:/]/.test(item.media.contentId)) return;
  const url = item.media.contentId;
  let bytes = 0;
  let shown = 0;
  fetching = http.get(url, { headers: { Range: 'bytes=0-', 'Accept-Encoding': 'identity;q=1, *;q=0' } }, (res) => {
    print({ fetching: url, code: res.statusCode, bytes });
    res.on('data', (d) => {
      bytes += d.length;
      if (bytes - shown > 100000) {
        shown = bytes;
        print({ fetching: url, code: res.statusCode, bytes });
      }
    });
    res.on('end', () => print({ fetched: url, code: res.statusCode, bytes }));
    res.on('error', () => print({ cut: url, bytes }));
  }).on('error', (e) => print({ cut: url, error: e.message }));
}
function setCurrent(itemId, at) {
  Object.assign(state.media, {
    current: itemId, playerState: state.noFetch ? 'BUFFERING' : 'PLAYING', at: at || 0, since: Date.now(), idleReason: undefined,
  });
  fetchCurrent();
}
// An item that has ended is followed by the next, the last one by silence.
setInterval(() => {
  const m = state.media;
  if (!m || m.playerState !== 'PLAYING') return;
  const at = m.items.findIndex((i) => i.itemId === m.current);
  const { duration, streamType } = m.items[at] ? m.items[at].media : {};
  if (!duration || streamType === 'LIVE' || position() < duration) return;
  if (at + 1 < m.items.length) setCurrent(m.items[at + 1].itemId, 0);
  else Object.assign(m, { playerState: 'IDLE', idleReason: 'FINISHED' });
  broadcast(state.app.transportId, 'media', mediaStatus(0, true));
}, 100);
const numbered = (items) => items.map((item) => Object.assign({ itemId: nextItem++ }, item));

const media = {
  GET_STATUS: (m, answer) => answer(mediaStatus(m.requestId, true)),
  QUEUE_LOAD: (m, answer) => {
    if (m.items.some((i) => /unsupported/.test(i.media.contentId))) {
      return answer({ type: 'LOAD_FAILED', requestId: m.requestId, detailedErrorCode: 104 });
    }
    state.media = { id: nextMedia++, items: numbered(m.items) };
    setCurrent(state.media.items[m.startIndex || 0].itemId, m.currentTime);
    answer(mediaStatus(m.requestId, true));
  },
  QUEUE_GET_ITEM_IDS: (m, answer) =>
    answer({ type: 'QUEUE_ITEM_IDS', requestId: m.requestId, itemIds: state.media.items.map((i) => i.itemId) }),
  QUEUE_GET_ITEMS: (m, answer) =>
    answer({ type: 'QUEUE_ITEMS', requestId: m.requestId, items: state.media.items.filter((i) => m.itemIds.includes(i.itemId)) }),
  QUEUE_INSERT: (m, answer) => {
    const items = numbered(m.items);
    const at = m.insertBefore ? state.media.items.findIndex((i) => i.itemId === m.insertBefore) : state.media.items.length;
    state.media.items.splice(at, 0, ...items);
    if (m.currentItemIndex !== undefined) setCurrent(items[m.currentItemIndex].itemId, m.currentTime);
    answer(mediaStatus(m.requestId, true));
  },
  QUEUE_REMOVE: (m, answer) => {
    state.media.items = state.media.items.filter((i) => !m.itemIds.includes(i.itemId));
    answer(mediaStatus(m.requestId, true));
  },
  PLAY: (m, answer) => { Object.assign(state.media, { playerState: 'PLAYING', since: Date.now() }); answer(mediaStatus(m.requestId)); },
  PAUSE: (m, answer) => { state.media.at = position(); state.media.playerState = 'PAUSED'; answer(mediaStatus(m.requestId)); },
  SEEK: (m, answer) => { Object.assign(state.media, { at: m.currentTime, since: Date.now() }); answer(mediaStatus(m.requestId)); },
  STOP: (m, answer) => { Object.assign(state.media, { playerState: 'IDLE', idleReason: 'CANCELLED' }); answer(mediaStatus(m.requestId)); state.media = null; if (fetching) fetching.destroy(); },
};

const receiver = {
  GET_STATUS: (m, answer) => answer(receiverStatus(m.requestId)),
  LAUNCH: (m, answer) => {
    state.launches++;
    state.app = { appId: m.appId, displayName: 'Default Media Receiver', sessionId: 's' + state.launches, transportId: 'web-' + state.launches, namespaces: [{ name: NS + 'media' }] };
    state.media = null;
    answer(receiverStatus(m.requestId));
  },
  SET_VOLUME: (m, answer) => { Object.assign(state.volume, m.volume); answer(receiverStatus(m.requestId)); },
};

server.on('message', (client, source, destination, namespace, data) => {
  clients.add(client);
  const m = JSON.parse(data);
  const short = namespace.replace(NS, '');
  print({ got: m.type, namespace: short, to: destination, message: m });
  if (short === 'tp.heartbeat') return reply(client, destination, short, source, { type: 'PONG' });
  const handlers = short === 'receiver' ? receiver : short === 'media' && state.app && destination === state.app.transportId ? media : {};
  const handler = handlers[m.type];
  if (handler) handler(m, (payload) => reply(client, destination, short, source, payload));
});

const orders = {
  mark: () => print({ mark: true }),
  takeover: () => {
    const old = state.app.transportId;
    broadcast(old, 'tp.connection', { type: 'CLOSE' });
    state.app = { appId: 'OTHER', displayName: 'Somebody else', sessionId: 'x', transportId: 'web-x' };
    state.media = null;
    if (fetching) fetching.destroy();
    broadcast('receiver-0', 'receiver', receiverStatus(0));
  },
  foreign: () => {
    state.media = { id: nextMedia++, items: numbered([{ media: { contentId: 'http://elsewhere/x.mp3' } }]) };
    setCurrent(state.media.items[0].itemId, 0);
    broadcast(state.app.transportId, 'media', mediaStatus(0, true));
  },
  finish: () => {
    const at = state.media.items.findIndex((i) => i.itemId === state.media.current);
    setCurrent(state.media.items[at + 1].itemId, 0);
    broadcast(state.app.transportId, 'media', mediaStatus(0, true));
  },
  'close-app': () => {
    broadcast(state.app.transportId, 'tp.connection', { type: 'CLOSE' });
    Object.assign(state, { app: null, media: null });
    broadcast('receiver-0', 'receiver', receiverStatus(0));
  },
  'no-fetch': () => { state.noFetch = true; },
  reboot: () => {
    Object.assign(state, { app: null, media: null });
    nextMedia = 1;
    for (const client of clients) server.clients[client].socket.destroy();
    clients.clear();
  },
  drop: () => {
    for (const client of clients) server.clients[client].socket.destroy();
    clients.clear();
  },
  'mute-replies': () => { state.silent = true; },
};
readline.createInterface({ input: process.stdin }).on('line', (line) => orders[line.trim()]()).on('close', () => process.exit(0));

server.on('error', (e) => print({ error: String(e) }));
// castv2 reads its protobuf description in the background and throws until then.
const { CastMessage } = require('castv2/lib/proto');
(function listen() {
  try {
    CastMessage.serialize({ protocolVersion: 0, sourceId: 'a', destinationId: 'b', namespace: 'c', payloadType: 0, payloadUtf8: '' });
  } catch {
    return setTimeout(listen, 10);
  }
  server.listen(Number(process.argv[4] || 0), '127.0.0.1', () => print({ port: server.server.address().port }));
})();
