import { attemptOf, markOf } from "./mark.ts";

/** What an unsubscribe link ends. */
export type UnsubscribeScope = "account" | "campaign";

/** `https://mail.example.com/u/1234.abc…`, with `/campaign` behind it when it ends no more than the campaign. */
export function unsubscribeLink(publicUrl: string, key: string, attemptId: string, scope: UnsubscribeScope): string {
  return `${publicUrl.replace(/\/+$/, "")}/u/${markOf(key, "unsubscribe", attemptId)}${scope === "campaign" ? "/campaign" : ""}`;
}

/** The attempt whose link it is; undefined when it is none of ours. */
export function attemptOfUnsubscribe(key: string, mark: string): string | undefined {
  return attemptOf(key, "unsubscribe", mark);
}
