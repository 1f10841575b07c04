import type { ChannelName, Result } from "../attempt/result.ts";

/** An attempt that was made, with what is known now of its person. */
export interface Tried {
  readonly attemptId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly campaign: string;
  readonly channel: ChannelName;
  readonly address: string;
  readonly result: Result | undefined;
  /** Undefined when the person was deleted since: nothing is known any more that a rule could be asked about. */
  readonly person: { readonly timeZone: string | undefined; readonly fields: Readonly<Record<string, string>> } | undefined;
  /** Of the campaign. */
  readonly defaultTimeZone: string;
}

/** Attempts of campaigns, in their order. */
export interface TriedReader {
  /**
   * @param from epoch ms, included @param to not included @param afterId the last of the page before
   */
  page(from: number, to: number, limit: number, afterId?: string): Promise<readonly Tried[]>;
}
