// Listens to what a page plays. Every track of the library under test is two
// tones: a steady one that tells which track it is, and one that rises with
// time and so tells what moment of the track is heard.

/** What was heard in one window of 43 ms around `at`. */
export interface Moment {
  at: number; // ms, the page's performance.now()
  rms: number;
  track: number; // by the steady tone; -1 in silence
  offset: number; // ms into the track, by the rising tone
}

export interface Tap {
  moments: Moment[];
  pressed: number; // when the last click reached the page
  peer: RTCPeerConnection | undefined; // the newest
  sessions: number; // of WebTransport
}

declare global {
  interface Window {
    tap: Tap;
  }
}

/** Runs in the page before its own scripts. */
export function installTap(): void {
  const steady = { from: 400, step: 200 };
  const rising = { from: 4000, perSecond: 8000 / 60 };
  const tap: Tap = (window.tap = { moments: [], pressed: 0, peer: undefined, sessions: 0 });
  addEventListener("click", () => (tap.pressed = performance.now()), true);

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      tap.peer = this;
    }
  };

  if ("WebTransport" in window)
    window.WebTransport = class extends WebTransport {
      constructor(url: string | URL, options?: WebTransportOptions) {
        super(url, options);
        tap.sessions++;
      }
    };

  const tapped = new Set<HTMLMediaElement>();
  const play = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "play")?.value as (this: HTMLMediaElement) => Promise<void>;
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    if (!tapped.has(this)) {
      tapped.add(this);
      listenTo(this);
    }
    return play.call(this);
  };

  function listenTo(element: HTMLMediaElement): void {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
    let stream: MediaStream | undefined;
    let source: AudioNode | undefined;
    let ofElement: MediaElementAudioSourceNode | undefined;
    const wave = new Float32Array(256);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const width = context.sampleRate / analyser.fftSize;

    // The element itself where it fetches; a stream's own tracks where it is
    // fed by one, which WebAudio cannot take from the element.
    const follow = () => {
      const now = element.srcObject instanceof MediaStream && element.srcObject.getAudioTracks().length > 0 ? element.srcObject : undefined;
      if (source && now === stream) return;
      source?.disconnect();
      stream = now;
      if (now) source = context.createMediaStreamSource(now);
      else source = ofElement ??= element.src ? context.createMediaElementSource(element) : undefined;
      source?.connect(analyser);
      if (source === ofElement) source?.connect(context.destination);
    };

    const peak = (from: number, to: number) => {
      let best = Math.ceil(from / width);
      for (let i = best; i < to / width; i++) if ((bins[i] ?? 0) > (bins[best] ?? 0)) best = i;
      const [a, b, c] = [bins[best - 1] ?? 0, bins[best] ?? 0, bins[best + 1] ?? 0];
      return { hz: (best + (a - c) / (2 * (a - 2 * b + c) || 1)) * width, db: b };
    };

    setInterval(() => {
      follow();
      if (context.state !== "running") void context.resume();
      analyser.getFloatTimeDomainData(wave);
      const silent = element.paused || element.muted;
      const rms = silent ? 0 : Math.sqrt(wave.reduce((sum, v) => sum + v * v, 0) / wave.length);
      const moment: Moment = { at: performance.now(), rms, track: -1, offset: 0 };
      if (rms > 0.01) {
        analyser.getFloatFrequencyData(bins);
        moment.track = Math.round((peak(300, 3800).hz - steady.from) / steady.step);
        moment.offset = ((peak(3950, 13000).hz - rising.from) / rising.perSecond) * 1000 + 500 * (analyser.fftSize / context.sampleRate);
      }
      tap.moments.push(moment);
      if (tap.moments.length > 30_000) tap.moments.splice(0, 10_000);
    }, 5);
  }
}
