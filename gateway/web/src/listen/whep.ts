import { ApiError } from "../api/http";
import type { Problem } from "../api/types";
import { CannotPlay, type Driver } from "./driver";

const gatherFor = 800; // ms; on a home network the host candidates are there at once
const connectFor = 6000;

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
    await gathered(pc);
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/sdp", accept: "application/sdp" },
      body: pc.localDescription?.sdp ?? "",
    });
    if (!response.ok) throw new ApiError((await response.json()) as Problem);
    const location = response.headers.get("location");
    if (location) this.#session = new URL(location, response.url).href;
    await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
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
    if (this.#session) void fetch(this.#session, { method: "DELETE", credentials: "same-origin", keepalive: true }).catch(() => undefined);
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

function gathered(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    if (pc.iceGatheringState === "complete") resolve();
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState === "complete") resolve();
    });
    setTimeout(resolve, gatherFor);
  });
}

function connected(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pc.connectionState === "connected") resolve();
      if (pc.connectionState === "failed" || pc.connectionState === "closed") reject(new CannotPlay(pc.connectionState));
    };
    pc.addEventListener("connectionstatechange", look);
    setTimeout(() => reject(new CannotPlay("no connection")), connectFor);
    look();
  });
}
