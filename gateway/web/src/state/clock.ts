// The gateway stamps positions with its own wall clock; a phone's may differ.

/** Follows how far this machine's clock is ahead of the gateway's, in ms. */
export class Clock {
  #coarse = 0;
  #fine: number | undefined;

  /** A Date header, true to the second. */
  date(header: string | null, now: number): void {
    const then = header ? Date.parse(header) : NaN;
    if (Number.isNaN(then)) return;
    const ahead = now - then - 500;
    // Less than this is the header's own coarseness.
    this.#coarse = Math.abs(ahead) > 1500 ? ahead : 0;
    if (this.#fine !== undefined && Math.abs(this.#fine - this.#coarse) > 2500) this.#fine = undefined;
  }

  /**
   * A stamp that was fresh when it was sent. The smallest distance seen is the
   * nearest to the truth: the rest is time on the way.
   */
  stamp(at: number, now: number): void {
    const ahead = now - at;
    if (Math.abs(ahead - this.#coarse) > 2500) return;
    this.#fine = this.#fine === undefined ? ahead : Math.min(this.#fine, ahead);
  }

  /** The gateway's time at this machine's time now. */
  gateway(now: number): number {
    return now - (this.#fine ?? this.#coarse);
  }

  reset(): void {
    this.#fine = undefined;
  }
}

export const clock = new Clock();

export interface Timed {
  state: string;
  offsetMs: number;
  at: number;
}

/** Where the music is at the gateway's time now, within the track. */
export function position(z: Timed, durationMs: number, now: number): number {
  const passed = z.state === "playing" ? Math.max(0, now - z.at) : 0;
  const offset = Math.max(0, z.offsetMs + passed);
  return durationMs > 0 ? Math.min(offset, durationMs) : offset;
}
