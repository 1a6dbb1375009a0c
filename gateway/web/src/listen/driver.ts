/** One way in which a tab plays a zone. */
export interface Driver {
  /** Starts to fetch url into the element; settles when it can be heard. */
  start(url: string, audio: HTMLAudioElement): Promise<void>;
  /** The zone's timeline has jumped: what is buffered must not be heard. */
  resync(): void;
  stop(): void;
}

/** This way does not work here, and another may. */
export class CannotPlay extends Error {}
