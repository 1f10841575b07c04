import type { Handed, Sending } from "../../../attempt/message-ports.ts";
import type { ReadReceipt } from "../../../sms/receipt.ts";
import { storable } from "./attempt-row.ts";
import { plainColumn, textColumn } from "./columns.ts";

/* What the statements of messages are given, column by column. */

/** What became of a message, and the report of its delivery when that is there before it is written down. */
export interface Written {
  readonly handed: Handed;
  /** Under which its report finds it; undefined when it is not one of a single part that was taken. */
  readonly key: string | undefined;
  /** Of one part that was taken, and nothing follows. */
  readonly plain: boolean;
  /** Written at the latest when this time has come, report or not (epoch ms). */
  readonly ripeAt: number;
  report?: { readonly read: ReadReceipt; readonly take: (written: boolean) => void };
}

/** A message on its way. */
export interface Under extends Pick<Sending, "via" | "reference" | "parts"> {
  /** It was begun as a plain one. */
  plain?: boolean;
}

type UnderWay = ReadonlyMap<string, Under>;

/** Longer than any text that may be sent. */
const longestText = 25_000;

/** Of `beginMessageSql` and `beginPlainSql`. */
export function begunColumns(items: readonly Sending[], now: number): string[] {
  return [
    plainColumn(items.map(({ attemptId }) => attemptId)),
    plainColumn(items.map(({ at }) => Math.max(at, now))),
    textColumn(items.map(({ via }) => via)),
    textColumn(items.map(({ from }) => from)),
    plainColumn(items.map(({ reference }) => reference)),
    textColumn(items.map(({ text }) => storable(text, longestText))),
    plainColumn(items.map(({ parts }) => parts)),
  ];
}

/** Of `handedPlainSql`. */
export function plainHandedColumns(rows: readonly Written[], under: UnderWay): string[] {
  return [
    plainColumn(rows.map(({ handed }) => handed.attemptId)),
    plainColumn(rows.map(({ handed }) => handed.at)),
    textColumn(rows.map(({ handed }) => storable(handed.reason))),
    textColumn(rows.map(({ handed }) => under.get(handed.attemptId)?.via)),
    textColumn(rows.map(({ handed }) => storable(handed.remoteIds?.[0] ?? ""))),
    textColumn(rows.map(({ report }) => report?.read.receipt.state)),
    textColumn(rows.map(({ report }) => storableOr(report?.read.receipt.error))),
    plainColumn(rows.map(({ report }) => report?.read.receipt.at)),
  ];
}

/** Of `handedSql`. */
export function handedColumns(rows: readonly Written[], under: UnderWay): string[] {
  const parts = rows.flatMap((row) => partsOf(row, under.get(row.handed.attemptId)?.via));
  return [
    plainColumn(rows.map(({ handed }) => handed.attemptId)),
    plainColumn(rows.map(({ handed }) => handed.at)),
    textColumn(rows.map(({ handed }) => handed.result)),
    textColumn(rows.map(({ handed }) => storable(handed.reason))),
    plainColumn(rows.map(({ handed }) => handed.againAt)),
    textColumn(rows.map(({ handed }) => under.get(handed.attemptId)?.via)),
    plainColumn(rows.map(({ handed }) => under.get(handed.attemptId)?.reference)),
    textColumn(rows.map(({ report }) => report?.read.receipt.state)),
    plainColumn(parts.map(({ attemptId }) => attemptId)),
    plainColumn(parts.map(({ part }) => part)),
    textColumn(parts.map(({ via }) => via)),
    textColumn(parts.map(({ remoteId }) => remoteId)),
    textColumn(parts.map(({ report }) => report?.state)),
    textColumn(parts.map(({ report }) => storableOr(report?.error))),
    plainColumn(parts.map(({ report }) => report?.at)),
  ];
}

function storableOr(text: string | undefined): string | undefined {
  return text === undefined ? undefined : storable(text);
}

/** Those that the next server gave an id. */
function partsOf({ handed: { attemptId, remoteIds = [] }, report }: Written, via: string | undefined) {
  if (via === undefined) return [];
  return remoteIds.flatMap((id, index) =>
    id === "" ? [] : [{ attemptId, part: index + 1, via, remoteId: storable(id), report: report?.read.receipt }],
  );
}
