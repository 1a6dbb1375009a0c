import { connected, exchange, hangUp } from "./exchange";
import type { Driver } from "./driver";

/** The zone as Opus over WebRTC (WHEP): heard almost at once. */
export class Whep implements Driver {
  #pc: RTCPeerConnection | undefined;
  #session: string | undefined;
  readonly #lost: () => void;

  /** lost is called when a connection that was there is not any more. */
  constructor(lost: () => void) {
    this.#lost = lost;
  }

  async start(url: string, audio: HTMLAudioElement): Promise<void> {
    const pc = (this.#pc = new RTCPeerConnection());
    pc.addTransceiver("audio", { direction: "recvonly" });
    const media = new MediaStream();
    pc.ontrack = (e) => {
      media.addTrack(e.track);
      // A jump must not wait behind a grown jitter buffer.
      if ("jitterBufferTarget" in e.receiver) e.receiver.jitterBufferTarget = 40;
    };
    await pc.setLocalDescription(preferStereo(await pc.createOffer()));
    this.#session = await exchange(pc, url);
    audio.srcObject = media;
    await connected(pc);
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "failed") this.#lost();
    });
  }

  // What WebRTC carries is the present; there is no buffer to leave behind.
  resync(): void {
    return;
  }

  stop(): void {
    this.#pc?.close();
    this.#pc = undefined;
    hangUp(this.#session);
    this.#session = undefined;
  }
}

/** Opus is mono in an offer unless it says otherwise. */
export function preferStereo(offer: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  const sdp = offer.sdp ?? "";
  const payload = /^a=rtpmap:(\d+) opus\/48000\/2/m.exec(sdp)?.[1];
  if (!payload || sdp.includes("stereo=1")) return offer;
  return { type: offer.type, sdp: sdp.replace(new RegExp(`^(a=fmtp:${payload} .*?)(\r?)$`, "m"), "$1;stereo=1;sprop-stereo=1$2") };
}
