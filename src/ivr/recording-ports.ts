/** Something wrong, or doubtful, with a recording that a script plays. */
export interface RecordingFinding {
  readonly code: "prompt-missing" | "prompt-unplayable" | "recording-quiet" | "recording-clipped" | "recording-late";
  /** An error: it cannot be played. */
  readonly severity: "error" | "warning";
  /** What is wrong, as a sentence that begins with the recording ("is very quiet: …"). */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
}

export interface RecordingReport {
  /** How long it plays; undefined when it cannot be played. */
  readonly durationMs?: number;
  /** In the order of weight; empty when it is good. */
  readonly findings: readonly RecordingFinding[];
}

/** Looks at recordings before anybody hears them. */
export interface Recordings {
  /**
   * @param file as a script names it, below the folder of recordings
   * @throws Fault `prompt-engine` only; everything about the file is in the report
   */
  check(file: string): Promise<RecordingReport>;
}
