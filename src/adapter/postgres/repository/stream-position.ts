/**
 * Where a reader of the stream stands. They have read all that the snapshot `read` sees (PostgreSQL's own text of one: xmin:xmax:xip,…); and,
 * when they are in the middle of a part, also what `part` sees beside that, up to and with the row of `xid` and `id`.
 */
export interface StreamPosition {
  /** When it was given, epoch ms. */
  readonly at: number;
  readonly read: string;
  readonly within?: { readonly part: string; readonly xid: string; readonly id: string };
}

const snapshot = "\\d{1,20}:\\d{1,20}:(?:\\d{1,20}(?:,\\d{1,20})*)?";
const form = new RegExp(`^(\\d{1,15})~(${snapshot})(?:~(${snapshot})~(\\d{1,20})~(\\d{1,19}))?$`);
/** A header may not be longer; more transactions at once than that leaves room for are not to be expected. */
const longest = 4000;

export function positionText({ at, read, within }: StreamPosition): string {
  const parts = [String(Math.floor(at)), read, ...(within ? [within.part, within.xid, within.id] : [])];
  return Buffer.from(parts.join("~")).toString("base64url");
}

/** Undefined when the text is none of ours. */
export function readPosition(text: string): StreamPosition | undefined {
  if (text.length > longest) return undefined;
  const [, at, read, part, xid, id] = form.exec(Buffer.from(text, "base64url").toString("latin1")) ?? [];
  if (at === undefined || read === undefined) return undefined;
  const within = part === undefined || xid === undefined || id === undefined ? {} : { within: { part, xid, id } };
  const position = { at: Number(at), read, ...within };
  return positionText(position) === text ? position : undefined;
}

/** What a snapshot does not see: from `from` on everything, and before it these. */
export function unseen(snapshotText: string): { readonly from: string; readonly open: readonly string[] } {
  const [, from = "0", open = ""] = snapshotText.split(":");
  return { from, open: open === "" ? [] : open.split(",") };
}
