/** Something that happened, as the stream tells it. */
export interface StreamEvent {
  /** Where whoever has read it goes on, as an opaque text. */
  readonly position: string;
  /** Of event.ts. */
  readonly type: string;
  /** Epoch ms. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface StreamPart {
  readonly events: readonly StreamEvent[];
  /** Where to go on. */
  readonly position: string;
  /** Whether there may be more at once. */
  readonly more: boolean;
}

/**
 * What happened, in an order in which nothing is missed: a transaction that began early and is committed late is told late, and is told. It is
 * written down only while somebody listens, and for an hour after.
 */
export interface StreamReader {
  /** Has the stream written down from now on. @returns where it stands */
  begin(): Promise<string>;
  /** Has it written down for another hour. */
  keepOn(): Promise<void>;
  /** Whether it holds all that happened since then. Undefined when the text is no position. */
  isWhole(position: string): Promise<boolean | undefined>;
  /** At most `limit`, and where to go on. RangeError when the text is no position */
  read(position: string, limit: number): Promise<StreamPart>;
}
