import type Hls from "hls.js";
import type { LevelDetails } from "hls.js";
import { CannotPlay, type Driver } from "./driver";

const startFor = 12_000; // ms until the first sound
const newEpochFor = 3000; // ms until what follows a jump must be there

/** The zone's live playlist by hls.js, low latency. */
export class HlsPlayer implements Driver {
  #hls: Hls | undefined;
  #audio: HTMLAudioElement | undefined;
  #details: LevelDetails | undefined;
  #oldest = -1; // the discontinuity that is being left
  #fallback: ReturnType<typeof setTimeout> | undefined;

  async start(url: string, audio: HTMLAudioElement): Promise<void> {
    const { default: HlsClass } = await import("hls.js/light");
    if (!HlsClass.isSupported()) throw new CannotPlay("no media source");
    const hls = new HlsClass({
      lowLatencyMode: true,
      enableWorker: false, // a worker would need blob: in the CSP
      backBufferLength: 10,
      maxLiveSyncPlaybackRate: 1.03,
      liveSyncDuration: 0.8,
      liveMaxLatencyDuration: 4,
    });
    this.#hls = hls;
    this.#audio = audio;
    const { Events, ErrorTypes } = HlsClass;
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
      this.#details = details;
      this.#land();
    });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new CannotPlay("no sound came")), startFor);
      hls.on(Events.FRAG_BUFFERED, () => {
        clearTimeout(timer);
        resolve();
      });
      hls.on(Events.ERROR, (_, error) => {
        if (!error.fatal) return;
        if (error.type === ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
        else if (error.type === ErrorTypes.NETWORK_ERROR && this.#details) setTimeout(() => hls.startLoad(-1), 1500);
        else reject(new CannotPlay(error.details));
      });
      hls.loadSource(url);
      hls.attachMedia(audio);
    });
  }

  // What follows a jump begins at a discontinuity. Until it is in the
  // playlist there is silence rather than the old music.
  resync(): void {
    if (!this.#hls || !this.#audio) return;
    this.#audio.muted = true;
    this.#oldest = this.#details?.fragments.at(-1)?.cc ?? -1;
    clearTimeout(this.#fallback);
    this.#fallback = setTimeout(() => this.#seek(this.#hls?.liveSyncPosition ?? undefined), newEpochFor);
  }

  stop(): void {
    clearTimeout(this.#fallback);
    this.#hls?.destroy();
    this.#hls = undefined;
  }

  #land(): void {
    if (this.#oldest < 0) return;
    const first = this.#details?.fragments.find((f) => f.cc > this.#oldest);
    if (first) this.#seek(first.start + 0.02);
  }

  #seek(to: number | undefined): void {
    clearTimeout(this.#fallback);
    this.#oldest = -1;
    const audio = this.#audio;
    if (!audio) return;
    if (to !== undefined && Number.isFinite(to)) audio.currentTime = to;
    audio.muted = false;
  }
}

/** Safari's own HLS. */
export class NativeHls implements Driver {
  #audio: HTMLAudioElement | undefined;

  async start(url: string, audio: HTMLAudioElement): Promise<void> {
    this.#audio = audio;
    await new Promise<void>((resolve, reject) => {
      audio.addEventListener("loadeddata", () => resolve(), { once: true });
      audio.addEventListener("error", () => reject(new CannotPlay("media error")), { once: true });
      audio.src = url;
      audio.load();
    });
  }

  resync(): void {
    const audio = this.#audio;
    if (!audio || audio.seekable.length === 0) return;
    audio.currentTime = audio.seekable.end(audio.seekable.length - 1);
  }

  stop(): void {
    if (!this.#audio) return;
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }
}

export function hlsDriver(audio: HTMLAudioElement): Driver {
  const native = audio.canPlayType("application/vnd.apple.mpegurl") !== "";
  return native && !("MediaSource" in window) ? new NativeHls() : new HlsPlayer();
}
