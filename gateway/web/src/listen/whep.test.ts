import { describe, expect, it } from "vitest";
import { preferStereo } from "./whep";

const offer = (fmtp: string) => `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 ${fmtp}\r\na=rtpmap:0 PCMU/8000\r\n`;

describe("preferStereo", () => {
  it("asks for stereo Opus, on its own line only", () => {
    const { sdp } = preferStereo({ type: "offer", sdp: offer("minptime=10;useinbandfec=1") });
    expect(sdp).toContain("a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1\r\n");
    expect(sdp?.match(/stereo=1/g)).toHaveLength(2);
  });

  it("leaves alone what is stereo already, or has no Opus", () => {
    const stereo = { type: "offer" as const, sdp: offer("stereo=1") };
    expect(preferStereo(stereo)).toBe(stereo);
    const none = { type: "offer" as const, sdp: "v=0\r\n" };
    expect(preferStereo(none)).toBe(none);
  });
});
