/** One way in which a tab plays a zone. */
export interface Driver {
  /** Starts to fetch url into the element; settles when it can be heard. */
  start(url: string, audio: HTMLAudioElement): Promise<void>;
  /** The zone's timeline has jumped: what is buffered must not be heard. */
  resync(): void;
  stop(): void;
}

/** ms in which a jump's own announcement still follows what it announces. */
export const justLanded = 1000;
/** ms until what follows an announced jump must be there. */
export const newEpochFor = 3000;

/** This way does not work here, and another may. */
export class CannotPlay extends Error {}
