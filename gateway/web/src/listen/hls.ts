import type Hls from "hls.js";
import type { LevelDetails } from "hls.js";
import { CannotPlay, justLanded, newEpochFor, type Driver } from "./driver";

const startFor = 12_000; // ms until the first sound
const resting = 503; // the zone does not play, and so has no playlist yet
const settling = 6000; // ms after a start or a jump in which lost time is skipped
const noticeable = 0.15; // s between this tab and the other speakers
const tooLate = 4; // s behind which nothing is caught up any more

/** The zone's live playlist by hls.js, low latency. */
export class HlsPlayer implements Driver {
  #hls: Hls | undefined;
  #audio: HTMLAudioElement | undefined;
  #details: LevelDetails | undefined;
  #playing = -1; // the discontinuity that is played
  #began = 0; // when it did
  #landed = 0; // when it was last sought
  #fallback: ReturnType<typeof setTimeout> | undefined;

  async start(url: string, audio: HTMLAudioElement): Promise<void> {
    const { default: HlsClass } = await import("hls.js/light");
    if (!HlsClass.isSupported()) throw new CannotPlay("no media source");
    const held = { maxTimeToFirstByteMs: 15_000, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null };
    const hls = new HlsClass({
      lowLatencyMode: true, // at the distance from the edge that the playlist says
      enableWorker: false, // a worker would need blob: in the CSP
      backBufferLength: 10,
      enableDateRangeMetadataCues: false, // what plays is told by the socket; cues would need data: in the CSP
      maxLiveSyncPlaybackRate: 1.05,
      liveSyncOnStallIncrease: 0.25,
      // While the zone rests there is nothing new, and requests are held and
      // then refused: they are made again at once, to hear when it goes on.
      manifestLoadPolicy: { default: held },
      playlistLoadPolicy: { default: { ...held, errorRetry: { maxNumRetry: Infinity, retryDelayMs: 200, maxRetryDelayMs: 2000 } } },
    });
    this.#hls = hls;
    this.#audio = audio;
    const { Events, ErrorTypes } = HlsClass;
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
      this.#details = details;
      this.#follow();
    });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new CannotPlay("no sound came")), startFor);
      const begun = () => {
        clearTimeout(timer);
        resolve();
      };
      hls.on(Events.FRAG_BUFFERED, begun);
      hls.on(Events.ERROR, (_, error) => {
        if (!error.fatal) return;
        if (error.type === ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
        else if (error.type === ErrorTypes.NETWORK_ERROR && this.#details) setTimeout(() => hls.startLoad(-1), 1500);
        else if (error.response?.code === resting) {
          begun();
          hls.loadSource(url);
        } else reject(new CannotPlay(error.details));
      });
      hls.loadSource(url);
      hls.attachMedia(audio);
    });
  }

  // What follows a jump begins at a discontinuity. Until it is in the
  // playlist there is silence rather than the old music.
  resync(): void {
    const leaves = this.#playing >= 0 && performance.now() - this.#landed > justLanded;
    if (!this.#audio || !leaves) return;
    this.#audio.muted = true;
    clearTimeout(this.#fallback);
    this.#fallback = setTimeout(() => this.#seek(this.#hls?.liveSyncPosition ?? 0), newEpochFor);
  }

  stop(): void {
    clearTimeout(this.#fallback);
    this.#hls?.destroy();
    this.#hls = undefined;
  }

  // Goes to a discontinuity as soon as the playlist has one, which may be
  // before the jump is announced. Where it begins late it joins the present.
  #follow(): void {
    const details = this.#details;
    if (!details || !this.#hls) return;
    const newest = details.fragmentHint ?? details.fragments.at(-1);
    if (!newest) return;
    const present = this.#hls.liveSyncPosition ?? 0;
    if (newest.cc !== this.#playing) {
      const first = [...details.fragments, newest].find((f) => f.cc === newest.cc) ?? newest;
      if (this.#playing >= 0) this.#seek(Math.max(first.start + 0.02, present));
      this.#playing = newest.cc;
      this.#began = performance.now();
    } else this.#keepUp(present);
  }

  // What loading took is skipped once there is enough to go on with; later
  // differences hls.js evens out by playing a little faster.
  #keepUp(present: number): void {
    const audio = this.#audio;
    if (!audio || audio.paused || audio.seeking) return;
    const behind = present - audio.currentTime;
    const ready = audio.buffered.length > 0 && audio.buffered.end(audio.buffered.length - 1) > present + noticeable;
    const fresh = performance.now() - this.#began < settling;
    if (behind > tooLate || (fresh && ready && behind > noticeable)) this.#seek(present);
  }

  #seek(to: number): void {
    clearTimeout(this.#fallback);
    this.#landed = performance.now();
    if (!this.#audio) return;
    if (Number.isFinite(to)) this.#audio.currentTime = to;
    this.#audio.muted = false;
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
