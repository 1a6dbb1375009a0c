import { connected, exchange, hangUp } from "./exchange";

/** A microphone as Opus over WebRTC (WHIP): what is said is heard in the zone at once. */
export class Whip {
  #pc: RTCPeerConnection | undefined;
  #session: string | undefined;
  readonly #sound: MediaStream;
  readonly #lost: () => void;

  /** lost is called when a connection that was there is not any more. */
  constructor(sound: MediaStream, lost: () => void) {
    this.#sound = sound;
    this.#lost = lost;
  }

  async start(url: string): Promise<void> {
    const pc = (this.#pc = new RTCPeerConnection());
    for (const track of this.#sound.getAudioTracks()) {
      pc.addTransceiver(track, { direction: "sendonly", streams: [this.#sound] });
      track.addEventListener("ended", this.#lost); // unplugged, or taken back in the browser
    }
    await pc.setLocalDescription(await pc.createOffer());
    this.#session = await exchange(pc, url);
    await connected(pc);
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState !== "connected") this.#lost();
    });
  }

  stop(): void {
    this.#pc?.close();
    this.#pc = undefined;
    for (const track of this.#sound.getTracks()) track.stop();
    hangUp(this.#session);
    this.#session = undefined;
  }
}
