import { fieldOf } from "./answer-text.ts";

/** A mail program may send it alone where both fields are there (RFC 8058 §3.1): as a POST with this form. @returns undefined where they are not */
export function oneClickLink(raw: string): string | undefined {
  if (fieldOf(raw, "List-Unsubscribe-Post")?.toLowerCase() !== "list-unsubscribe=one-click") return undefined;
  return /<(https?:\/\/[^<>\s]+)>/.exec(fieldOf(raw, "List-Unsubscribe") ?? "")?.[1];
}

/** What a mail program does when its user presses "unsubscribe" beside a mail. @returns what the server answered, in words */
export async function clickOnce(link: string): Promise<string> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  try {
    const { status } = await fetch(link, {
      ...{ method: "POST", headers, body: "List-Unsubscribe=One-Click", redirect: "manual" },
      signal: AbortSignal.timeout(10_000),
    });
    return String(status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
