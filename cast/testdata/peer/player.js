// The player of the Default Media Receiver, as public notes and Google's
// reference of the Web Receiver's messages describe it.
'use strict';
const http = require('http');

const MEDIA = 'urn:x-cast:com.google.cast.media';
const invalid = (m, reason) => ({ type: 'INVALID_REQUEST', requestId: m.requestId, reason });

// A Player belongs to one run of the application. wire has print(object),
// broadcast(transport, namespace, payload, except) and faults.
class Player {
  constructor(transport, wire) {
    this.transport = transport;
    this.wire = wire;
    this.session = null;
    this.timer = setInterval(() => this.tick(), 100);
  }

  close() {
    clearInterval(this.timer);
    this.hush();
    this.session = null;
  }

  hush() {
    if (this.fetching) this.fetching.destroy();
    this.fetching = null;
    if (this.ahead) this.ahead.request.destroy();
    this.ahead = null;
  }

  // Messages: answer(payload) goes to the sender that asked.
  receive(m, answer) {
    const done = (payload) => answer(Object.assign(payload, { requestId: m.requestId }));
    switch (m.type) {
      case 'GET_STATUS': return done(this.status(true));
      case 'LOAD': return this.load([{ media: m.media, autoplay: m.autoplay, customData: m.customData }], 0, m, done);
      case 'QUEUE_LOAD': return this.load(m.items, m.startIndex || 0, m, done);
    }
    const command = this[m.type];
    if (!/^[A-Z_]+$/.test(m.type) || !command) return answer(invalid(m, 'INVALID_COMMAND'));
    if (!this.session || m.mediaSessionId !== this.session.id) return answer(invalid(m, 'INVALID_MEDIA_SESSION_ID'));
    if (this.session.playerState === 'IDLE') return answer({ type: 'INVALID_PLAYER_STATE', requestId: m.requestId });
    return command.call(this, m, done);
  }

  load(items, index, m, done) {
    const { faults } = this.wire;
    if (items.some((i) => i.itemId)) return done({ type: 'INVALID_REQUEST', reason: 'INVALID_PARAMS' });
    const code = items.some((i) => /unsupported/.test(i.media.contentId)) ? 104 : faults.loadError;
    faults.loadError = 0;
    if (code) return done({ type: 'LOAD_FAILED', detailedErrorCode: code });
    this.session = {
      id: this.wire.nextSession(), items: this.numbered(items), repeatMode: m.repeatMode || 'REPEAT_OFF', rate: m.playbackRate || 1,
      tracks: m.activeTrackIds || [], playerState: 'IDLE', loading: true, at: m.currentTime || 0, since: Date.now(),
    };
    const { session } = this;
    session.current = session.items[index].itemId;
    const begin = () => {
      if (this.session !== session) return done({ type: 'LOAD_CANCELLED' });
      session.loading = false;
      this.setCurrent(session.current, m.currentTime);
      const paused = m.autoplay === false || session.items[index].autoplay === false;
      if (paused) session.playerState = 'PAUSED';
      done(this.status(true));
      this.tell(true, m);
    };
    if (!faults.slowLoad) return begin();
    this.tell(true);
    setTimeout(begin, faults.slowLoad);
  }

  PLAY(m, done) { Object.assign(this.session, { at: this.position(), playerState: 'PLAYING', since: Date.now() }); this.changed(m, done); }
  PAUSE(m, done) { Object.assign(this.session, { at: this.position(), playerState: 'PAUSED' }); this.changed(m, done); }
  STOP(m, done) {
    Object.assign(this.session, { playerState: 'IDLE', idleReason: 'CANCELLED' });
    this.changed(m, done);
    this.hush();
    this.session = null;
  }
  SEEK(m, done) {
    const to = m.relativeTime === undefined ? m.currentTime : this.position() + m.relativeTime;
    Object.assign(this.session, { at: Math.max(0, to), since: Date.now() });
    if (m.resumeState === 'PLAYBACK_START') this.session.playerState = 'PLAYING';
    if (m.resumeState === 'PLAYBACK_PAUSE') this.session.playerState = 'PAUSED';
    this.changed(m, done);
  }
  SET_PLAYBACK_RATE(m, done) {
    Object.assign(this.session, { at: this.position(), since: Date.now(), rate: m.playbackRate });
    this.changed(m, done);
  }
  EDIT_TRACKS_INFO(m, done) { this.session.tracks = m.activeTrackIds; this.changed(m, done); }

  QUEUE_GET_ITEM_IDS(m, done) { done({ type: 'QUEUE_ITEM_IDS', itemIds: this.session.items.map((i) => i.itemId) }); }
  QUEUE_GET_ITEMS(m, done) { done({ type: 'QUEUE_ITEMS', items: this.session.items.filter((i) => m.itemIds.includes(i.itemId)) }); }
  QUEUE_INSERT(m, done) {
    if (m.items.some((i) => i.itemId)) return done({ type: 'INVALID_REQUEST', reason: 'INVALID_PARAMS' });
    const items = this.numbered(m.items);
    this.session.items.splice(this.place(m.insertBefore), 0, ...items);
    if (m.currentItemIndex !== undefined) this.setCurrent(items[m.currentItemIndex].itemId, m.currentTime);
    this.edited(m, done, { changeType: 'INSERT', itemIds: items.map((i) => i.itemId), insertBefore: m.insertBefore });
  }
  QUEUE_REMOVE(m, done) {
    const s = this.session;
    const gone = m.itemIds.includes(s.current);
    const next = s.items.slice(s.items.findIndex((i) => i.itemId === s.current)).find((i) => !m.itemIds.includes(i.itemId));
    s.items = s.items.filter((i) => !m.itemIds.includes(i.itemId));
    if (gone && next) this.setCurrent(next.itemId, 0);
    else if (gone) this.finish('FINISHED');
    this.edited(m, done, { changeType: 'REMOVE', itemIds: m.itemIds });
  }
  QUEUE_REORDER(m, done) {
    const s = this.session;
    const moved = m.itemIds.map((id) => s.items.find((i) => i.itemId === id)).filter(Boolean);
    s.items = s.items.filter((i) => !m.itemIds.includes(i.itemId));
    s.items.splice(this.place(m.insertBefore), 0, ...moved);
    this.edited(m, done, { changeType: 'UPDATE', itemIds: s.items.map((i) => i.itemId), reorderItemIds: m.itemIds });
  }
  QUEUE_UPDATE(m, done) {
    const s = this.session;
    if (m.repeatMode) s.repeatMode = m.repeatMode;
    if (m.shuffle) s.items.reverse(); // an order that a test can foresee
    let to = s.items.find((i) => i.itemId === m.currentItemId);
    if (m.jump) to = s.items[(s.items.findIndex((i) => i.itemId === s.current) + m.jump + s.items.length) % s.items.length];
    if (to) this.setCurrent(to.itemId, m.currentTime);
    this.edited(m, done, { changeType: 'UPDATE', itemIds: s.items.map((i) => i.itemId) });
  }

  place(before) {
    const at = this.session.items.findIndex((i) => i.itemId === before);
    return at < 0 ? this.session.items.length : at;
  }
  numbered(items) { return items.map((item) => Object.assign({}, item, { itemId: this.wire.nextItem() })); }

  // What is told: others hear a change with requestId 0.
  changed(m, done) { done(this.status(false)); this.tell(false, m); }
  edited(m, done, change) {
    if (!this.wire.faults.changeOnly) done(this.status(true));
    this.wire.broadcast(this.transport, MEDIA, Object.assign({ type: 'QUEUE_CHANGE', requestId: m.requestId, sequenceNumber: ++this.session.sequence || 1 }, change));
    this.tell(true, m);
  }
  tell(full, m) { this.wire.broadcast(this.transport, MEDIA, Object.assign(this.status(full), { requestId: 0 }), m && m.from); }

  // The first report of an item carries media and items; later ones only what
  // moves, as devices do it.
  status(full) {
    const s = this.session;
    if (!s) return { type: 'MEDIA_STATUS', requestId: 0, status: [] };
    const status = {
      mediaSessionId: s.id, playerState: s.playerState, currentTime: this.position(), currentItemId: s.current, playbackRate: s.rate,
      supportedMediaCommands: 12303, volume: { level: 1, muted: false }, activeTrackIds: s.tracks, repeatMode: s.repeatMode,
    };
    if (s.idleReason) status.idleReason = s.idleReason;
    if (s.loading) status.extendedStatus = { playerState: 'LOADING', media: s.items[0].media };
    if (full) {
      const at = s.items.findIndex((item) => item.itemId === s.current);
      status.items = s.items.slice(Math.max(0, at - 1), at + 2);
      status.media = (s.items[at] || {}).media;
    }
    return { type: 'MEDIA_STATUS', requestId: 0, status: [status] };
  }

  position() {
    const s = this.session;
    if (s.playerState !== 'PLAYING' || this.wire.faults.stuck) return s.at;
    return s.at + ((Date.now() - s.since) / 1000) * s.rate;
  }

  setCurrent(itemId, at) {
    const item = this.session.items.find((i) => i.itemId === itemId);
    Object.assign(this.session, {
      current: itemId, at: at === undefined ? item.startTime || 0 : at, since: Date.now(), idleReason: undefined,
      playerState: this.wire.faults.noFetch ? 'BUFFERING' : 'PLAYING',
    });
    if (this.fetching) this.fetching.destroy();
    this.fetching = null;
    if (this.ahead && this.ahead.item === itemId) {
      this.fetching = this.ahead.request;
      this.ahead = null;
    } else if (!this.wire.faults.noFetch) this.fetching = this.fetch(item);
  }

  // An item that has ended is followed by the next, the last one by silence. The
  // next is fetched ahead by its preloadTime when that is asked for.
  tick() {
    const s = this.session;
    if (!s || s.playerState !== 'PLAYING') return;
    const at = s.items.findIndex((i) => i.itemId === s.current);
    const { duration, streamType } = s.items[at] ? s.items[at].media : {};
    if (!duration || streamType === 'LIVE') return;
    const left = duration - this.position();
    const next = s.items[at + 1];
    if (next && this.wire.faults.preload && left > 0 && left < next.preloadTime && !(this.ahead && this.ahead.item === next.itemId)) {
      if (this.ahead) this.ahead.request.destroy();
      this.ahead = { item: next.itemId, request: this.fetch(next, left) };
    }
    if (left <= 0) this.next();
  }

  // next goes on to the item behind the current one.
  next() {
    const s = this.session;
    const at = s.items.findIndex((i) => i.itemId === s.current);
    let to = at + 1;
    while (this.wire.faults.itemErrors > 0 && s.items[to]) {
      this.wire.faults.itemErrors--;
      this.wire.broadcast(this.transport, MEDIA, { type: 'LOAD_FAILED', requestId: 0, itemId: s.items[to].itemId, detailedErrorCode: 103 });
      to++;
    }
    if (!s.items[to]) {
      this.finish('FINISHED');
      return this.tell(true);
    }
    // Between two items a device is idle for a moment, and names the next.
    const idle = this.status(false);
    Object.assign(idle.status[0], { playerState: 'IDLE', idleReason: 'FINISHED', loadingItemId: s.items[to].itemId });
    this.wire.broadcast(this.transport, MEDIA, idle);
    this.setCurrent(s.items[to].itemId);
    this.tell(true);
  }

  finish(reason) {
    Object.assign(this.session, { playerState: 'IDLE', idleReason: reason });
    this.hush();
  }

  // due is for what is fetched ahead: how many seconds before it plays.
  fetch(item, due) {
    const url = item.media.contentId;
    const { print } = this.wire;
    if (!/^http:\/\/[0-9.]+[:/]/.test(url)) return { destroy() {} };
    let bytes = 0;
    let shown = 0;
    return http.get(url, { headers: { Range: 'bytes=0-', 'Accept-Encoding': 'identity;q=1, *;q=0' } }, (res) => {
      print({ fetching: url, code: res.statusCode, bytes, due });
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
}

module.exports = { Player, MEDIA };
