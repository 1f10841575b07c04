/** What is kept of a number of ours. */
export interface KeptNumber {
  readonly number: string;
  readonly run: number;
  /** Epoch ms; 0 for never. */
  readonly restsUntil: number;
}

/** Numbers of ours, over all nodes. */
export interface NumberStore {
  read(): Promise<readonly KeptNumber[]>;
  /** Keeps a run and a rest. A rest is never shortened. */
  keep(kept: KeptNumber): Promise<void>;
  /** Takes `count` calls of what is left of the number's cap on that day (days since the epoch, UTC). @returns false when fewer are left */
  take(number: string, day: number, count: number, cap: number): Promise<boolean>;
}
