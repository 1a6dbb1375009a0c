import { ApiError } from "../api/http";
import type { Problem } from "../api/types";
import { CannotPlay } from "./driver";

// What WHEP and WHIP have in common: an offer is posted, the answer names a session,
// and a DELETE ends that.

const gatherFor = 800; // ms; on a home network the host candidates are there at once
const connectFor = 6000;

/** Posts the offer that the connection has been given, and takes the answer; returns the session's URL. */
export async function exchange(pc: RTCPeerConnection, url: string): Promise<string | undefined> {
  await gathered(pc);
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/sdp", accept: "application/sdp" },
    body: pc.localDescription?.sdp ?? "",
  });
  if (!response.ok) throw await refusal(response);
  const location = response.headers.get("location");
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  return location ? new URL(location, response.url).href : undefined;
}

async function refusal(response: Response): Promise<Error> {
  if (!response.headers.get("content-type")?.includes("json")) return new CannotPlay(await response.text());
  return new ApiError((await response.json()) as Problem);
}

export function hangUp(session: string | undefined): void {
  if (session) void fetch(session, { method: "DELETE", credentials: "same-origin", keepalive: true }).catch(() => undefined);
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

export function connected(pc: RTCPeerConnection): Promise<void> {
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
