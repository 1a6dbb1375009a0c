// A Cast receiver on castv2's Server: the wire is theirs, the behaviour of the
// device and of the Default Media Receiver is played here as public notes and
// Google's reference describe them.
//
//   node receiver.js CERT KEY [PORT]
//
// prints {"port":N}, then every message it gets as a JSON line. Lines on its
// standard input are orders: see the table at the end; "mark" prints
// {"mark":true} behind everything that came before it. What it fetches is printed
// when the answer begins ("fetching"), now and then while it goes on, and at its
// end ("fetched").
'use strict';
const fs = require('fs');
const readline = require('readline');
const { Server } = require('castv2');
const { Player, MEDIA } = require('./player.js');
const { Group, MULTIZONE } = require('./group.js');

const NS = 'urn:x-cast:com.google.cast.';
const print = (object) => process.stdout.write(JSON.stringify(object) + '\n');

const server = new Server({ cert: fs.readFileSync(process.argv[2]), key: fs.readFileSync(process.argv[3]) });
const state = { app: null, player: null, volume: { level: 0.4, muted: false, controlType: 'attenuation', stepInterval: 0.05 }, launches: 0 };
const faults = { silent: false, deaf: false, noPong: false, slowLoad: 0, loadError: 0, launchCancels: 0, itemErrors: 0 };
const joined = new Map(); // client -> virtual connections, each "sender destination"
let nextItem = 1;
let nextSession = 1;

const wire = { print, broadcast, faults, nextItem: () => nextItem++, nextSession: () => nextSession++ };
const group = new Group(wire);

let late = null; // a reply that is held back, for the wrong order
function reply(client, from, namespace, to, payload) {
  if (faults.silent || !server.clients[client]) return;
  const now = () => server.clients[client] && server.send(client, from, to, namespace, JSON.stringify(payload));
  const send = faults.latency ? () => setTimeout(now, faults.latency) : now;
  if (faults.wrongOrder && payload.requestId) {
    if (!late) {
      late = send;
      setTimeout(() => { if (late === send) { late = null; send(); } }, 500);
      return;
    }
    send();
    late();
    late = null;
    return;
  }
  send();
}

// broadcast tells everybody who is connected to from, but the one who asked.
function broadcast(from, namespace, payload, except) {
  for (const [client, links] of joined) {
    if (client === except || ![...links].some((l) => l.endsWith(' ' + from))) continue;
    reply(client, from, namespace, '*', payload);
  }
}

function receiverStatus(requestId) {
  const volume = Object.assign({}, state.volume, group.on ? { level: group.level } : {});
  return { type: 'RECEIVER_STATUS', requestId, status: { applications: state.app ? [state.app] : [], volume, isStandBy: false, isActiveInput: true } };
}
const tellReceiver = (except) => broadcast('receiver-0', NS + 'receiver', receiverStatus(0), except);

function run(appId, displayName) {
  closeApp();
  const n = ++state.launches;
  state.app = {
    appId, displayName, isIdleScreen: false, launchedFromCloud: false, sessionId: 's' + n, statusText: displayName,
    transportId: 'web-' + n, namespaces: [{ name: MEDIA }],
  };
  state.player = new Player(state.app.transportId, wire);
}

// closeApp ends the application: its senders get a CLOSE.
function closeApp() {
  if (!state.app) return;
  const { transportId } = state.app;
  broadcast(transportId, NS + 'tp.connection', { type: 'CLOSE' });
  for (const links of joined.values()) for (const l of links) if (l.endsWith(' ' + transportId)) links.delete(l);
  state.player.close();
  Object.assign(state, { app: null, player: null });
}

function launch(m, answer) {
  if (faults.launchCancels > 0) {
    faults.launchCancels--;
    return answer({ type: 'LAUNCH_ERROR', requestId: m.requestId, reason: 'CANCELLED' });
  }
  if (!/^(CC1AD845|[0-9A-F]{8})$/.test(m.appId)) return answer({ type: 'LAUNCH_ERROR', requestId: m.requestId, reason: 'NOT_FOUND' });
  const start = () => {
    if (!state.app || state.app.appId !== m.appId) run(m.appId, 'Default Media Receiver');
    answer(receiverStatus(m.requestId));
    tellReceiver(m.from);
  };
  if (faults.launchAsks) {
    answer({ type: 'LAUNCH_STATUS', launchRequestId: m.requestId, status: 'USER_PENDING_AUTHORIZATION' });
    faults.launchAsks = (allowed) => {
      answer({ type: 'LAUNCH_STATUS', launchRequestId: m.requestId, status: allowed ? 'USER_ALLOWED' : 'USER_NOT_ALLOWED' });
      if (allowed) start();
    };
    return;
  }
  if (!faults.launchLate) return start();
  answer(receiverStatus(m.requestId)); // yes, and not yet
  setTimeout(() => { run(m.appId, 'Default Media Receiver'); tellReceiver(); }, faults.launchLate);
}

const receiver = {
  GET_STATUS: (m, answer) => answer(receiverStatus(m.requestId)),
  LAUNCH: launch,
  STOP: (m, answer) => {
    if (!state.app || state.app.sessionId !== m.sessionId) return answer({ type: 'INVALID_REQUEST', requestId: m.requestId, reason: 'INVALID_SESSION_ID' });
    closeApp();
    answer(receiverStatus(m.requestId));
    tellReceiver(m.from);
  },
  SET_VOLUME: (m, answer) => {
    if (m.volume.level === undefined && m.volume.muted === undefined) return answer({ type: 'INVALID_REQUEST', requestId: m.requestId, reason: 'INVALID_PARAMS' });
    if (group.on) group.setVolume(m.volume);
    Object.assign(state.volume, m.volume);
    answer(receiverStatus(m.requestId));
    tellReceiver(m.from);
  },
  GET_APP_AVAILABILITY: (m, answer) => answer({
    requestId: m.requestId, responseType: 'GET_APP_AVAILABILITY',
    availability: Object.fromEntries(m.appId.map((id) => [id, id === 'CC1AD845' ? 'APP_AVAILABLE' : 'APP_UNAVAILABLE'])),
  }),
};

server.on('message', (client, source, destination, namespace, data) => {
  if (faults.deaf) return;
  if (!joined.has(client)) joined.set(client, new Set());
  const links = joined.get(client);
  if (Buffer.isBuffer(data)) return; // device authentication, which senders may skip
  const m = Object.assign(JSON.parse(data), { from: client });
  print({ got: m.type, at: Math.round(performance.now()), namespace: namespace.replace(NS, ''), to: destination, message: m });
  const answer = (payload) => reply(client, destination, namespace, source, payload);
  if (namespace === NS + 'tp.heartbeat') {
    if (m.type === 'PING' && !faults.noPong) answer({ type: 'PONG' });
    return;
  }
  if (namespace === NS + 'tp.connection') {
    if (m.type === 'CONNECT') links.add(source + ' ' + destination);
    else links.delete(source + ' ' + destination);
    return;
  }
  // Nothing is answered that has no virtual connection.
  if (!links.has(source + ' ' + destination)) return;
  const unknown = () => answer({ type: 'INVALID_REQUEST', requestId: m.requestId, reason: 'INVALID_COMMAND' });
  if (destination === 'receiver-0') {
    if (namespace === MULTIZONE) return group.receive(m, answer);
    if (namespace === NS + 'receiver') return (receiver[m.type] || unknown)(m, answer);
    return;
  }
  if (!state.app || destination !== state.app.transportId) return;
  if (namespace === MEDIA) return state.player.receive(m, answer);
  answer(Object.assign({ echo: true }, m, { from: undefined })); // the application's own namespace
});

// The device asks for a sign of life as well.
setInterval(() => {
  if (faults.deaf || faults.noPong) return;
  for (const client of joined.keys()) reply(client, 'Tr@n$p0rt-0', NS + 'tp.heartbeat', 'Tr@n$p0rt-0', { type: 'PING' });
}, 5000);

const sockets = () => [...joined.keys()].filter((c) => server.clients[c]).map((c) => server.clients[c].socket);
function drop() {
  for (const socket of sockets()) socket.destroy();
  joined.clear();
}
const foreignItem = () => ({ autoplay: true, preloadTime: 0, media: { contentId: 'http://elsewhere/x.mp3', contentType: 'audio/mpeg', streamType: 'BUFFERED' } });

const orders = {
  mark: () => print({ mark: true }),
  senders: () => print({ senders: sockets().length }),
  // Somebody else: another application; a load inside ours; an edit of our queue.
  takeover: () => { run('ABCD0001', 'Somebody else'); tellReceiver(); },
  foreign: () => state.player.load([foreignItem()], 0, {}, () => {}),
  'foreign-edit': () => state.player.QUEUE_INSERT({ items: [foreignItem()], requestId: 0 }, () => {}),
  'foreign-remove': () => state.player.QUEUE_REMOVE({ itemIds: [state.player.session.items.at(-1).itemId], requestId: 0 }, () => {}),
  // The player.
  finish: () => state.player.next(),
  'at-end': (left) => {
    const s = state.player.session;
    const item = s.items.find((i) => i.itemId === s.current);
    Object.assign(s, { at: item.media.duration - Number(left), since: Date.now() });
    state.player.tell(false);
  },
  preload: () => { faults.preload = true; },
  'change-only': () => { faults.changeOnly = true; }, // edits are answered by their news alone
  'close-app': () => { closeApp(); tellReceiver(); },
  'no-fetch': () => { faults.noFetch = true; },
  stuck: () => {
    Object.assign(state.player.session, { at: state.player.position(), since: Date.now() });
    faults.stuck = true;
  },
  'slow-load': (ms) => { faults.slowLoad = Number(ms); },
  'load-error': (code) => { faults.loadError = Number(code); },
  'item-errors': (n) => { faults.itemErrors = Number(n); },
  // Launches.
  'launch-cancel': (n) => { faults.launchCancels = Number(n); },
  'launch-late': (ms) => { faults.launchLate = Number(ms); },
  'launch-asks': () => { faults.launchAsks = true; },
  allow: () => faults.launchAsks(true),
  deny: () => faults.launchAsks(false),
  // The connection. After a reboot sessions count from 1 again.
  drop,
  reboot: () => {
    closeApp();
    Object.assign(faults, { deaf: false, silent: false, noPong: false });
    nextSession = nextItem = 1;
    state.launches = 0;
    drop();
  },
  'mute-replies': () => { faults.silent = true; },
  'black-hole': () => { faults.deaf = faults.silent = true; },
  'ping-silence': () => { faults.noPong = true; },
  latency: (ms) => { faults.latency = Number(ms); }, // everything that it says is under way for so long
  'wrong-order': () => { faults.wrongOrder = true; },
  oversize: () => sockets().forEach((s) => s.write(Buffer.from([0, 1, 0, 1, 8, 0]))),
  truncated: () => sockets().forEach((s) => s.end(Buffer.from([0, 0, 0, 90, 8, 0, 18, 1]))),
  garbage: () => sockets().forEach((s) => s.write(Buffer.from([0, 0, 0, 3, 255, 255, 255]))),
  'not-json': () => sockets().forEach((s, i) => server.send([...joined.keys()][i], 'receiver-0', '*', NS + 'receiver', '{"type":"RECEIVER_STATUS","status":{"volume":{"level":"loud"},"applications":7')),
  'close-receiver': () => broadcast('receiver-0', NS + 'tp.connection', { type: 'CLOSE' }),
  // A group: member ID NAME LEVEL, member-gone ID.
  member: (id, name, level) => group.set(id, name, level),
  'member-gone': (id) => group.remove(id),
};
readline.createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [order, ...args] = line.trim().split(' ');
    orders[order](...args);
    print({ did: order });
  })
  .on('close', () => process.exit(0));

server.on('error', (e) => print({ error: String(e) }));
// castv2 reads its protobuf description in the background and throws until then.
const { CastMessage } = require('castv2/lib/proto');
(function listen() {
  try {
    CastMessage.serialize({ protocolVersion: 0, sourceId: 'a', destinationId: 'b', namespace: 'c', payloadType: 0, payloadUtf8: '' });
  } catch {
    return setTimeout(listen, 10);
  }
  server.server.on('secureConnection', (socket) => socket.on('error', () => {}));
  server.listen(Number(process.argv[4] || 0), '127.0.0.1', () => print({ port: server.server.address().port }));
})();
