// The members of a Cast group, and the way in which a leader sets their volumes:
// by multiplying, in whole percents.
'use strict';

const MULTIZONE = 'urn:x-cast:com.google.cast.multizone';
const percent = (level) => Math.round(level * 100) / 100;

class Group {
  constructor(wire) {
    this.wire = wire;
    this.members = [];
  }
  get on() { return this.members.length > 0; }
  get level() { return this.members.reduce((sum, m) => sum + m.volume.level, 0) / this.members.length; }

  status(requestId) { return { type: 'MULTIZONE_STATUS', requestId, status: { devices: this.members } }; }
  tell(payload) { this.wire.broadcast('receiver-0', MULTIZONE, Object.assign({ requestId: 0 }, payload)); }

  set(deviceId, name, level) {
    const device = { deviceId, name, capabilities: 4, volume: { level: Number(level), muted: false } };
    const at = this.members.findIndex((m) => m.deviceId === deviceId);
    if (at < 0) this.members.push(device);
    else this.members[at] = device;
    this.tell({ type: at < 0 ? 'DEVICE_ADDED' : 'DEVICE_UPDATED', device });
  }
  remove(deviceId) {
    this.members = this.members.filter((m) => m.deviceId !== deviceId);
    this.tell({ type: 'DEVICE_REMOVED', deviceId });
  }
  setVolume({ level }) {
    if (level === undefined) return;
    const scale = this.level > 0 ? level / this.level : 0;
    for (const m of this.members) {
      m.volume.level = Math.min(1, percent(m.volume.level * scale));
      this.tell({ type: 'DEVICE_UPDATED', device: m });
    }
  }
  receive(m, answer) {
    if (m.type === 'GET_STATUS') return answer(this.status(m.requestId));
    if (m.type === 'GET_CASTING_GROUPS') return answer({ type: 'CASTING_GROUPS', requestId: m.requestId, status: { groups: [] } });
    return answer({ type: 'INVALID_REQUEST', requestId: m.requestId, reason: 'INVALID_COMMAND' });
  }
}

module.exports = { Group, MULTIZONE };
