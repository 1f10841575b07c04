/** Hears what the far side of an endpoint says, and changes nothing for anybody. */
export interface Tap {
  /** Whether anything can still be heard on it. */
  readonly live: boolean;
  /**
   * Sound from now on, at the pace at which it is said: frames of 160 samples (20 ms, 16-bit, 8 kHz). What is lost or not sent is silence. One listener
   * at a time, the last one who came.
   * @param onFrame `heard` is false for such silence
   * @returns ends it
   */
  listen(onFrame: (frame: Int16Array, heard: boolean) => void): () => void;
  /** Resolves when nothing can be heard any more, by whomever it was ended. */
  readonly gone: Promise<void>;
  /** Lets go of it; the endpoint stays. Always resolves, within a bounded time. */
  close(): Promise<void>;
}
