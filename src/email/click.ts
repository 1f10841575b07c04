import { timingSafeEqual } from "node:crypto";
import { signatureOf } from "./mark.ts";
import { decoded } from "./plain-text.ts";

/*
 * Links of an e-mail that lead over our own redirect, so that clicks are known. Where one leads stands in the link itself and is signed with it: it leads nowhere else, whoever
 * writes one.
 */

/** RFC 7230 §3.1.1 wants 8,000 octets taken; some mail programs cut earlier. A longer link stays as it is. */
const longestTarget = 2000;
const shape = /^([1-9]\d{0,17})\.([a-z2-7]{16})$/;
const anchor = /(<a\b(?:[^>"']|"[^"]*"|'[^']*')*?\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi;

/** What is signed: nobody leads an attempt's link elsewhere. */
function signed(key: string, attemptId: string, target: string): string {
  return signatureOf(key, "click", `${attemptId}:${target}`);
}

/** `https://mail.example.com/l/1234.abc…?to=https%3A%2F%2F…` */
export function clickLink(publicUrl: string, key: string, attemptId: string, target: string): string {
  return `${rootOf(publicUrl)}/l/${attemptId}.${signed(key, attemptId, target)}?to=${encoded(target)}`;
}

/** The attempt in whose e-mail that link stood, with that target; undefined when it is none of ours. */
export function attemptOfClick(key: string, mark: string, target: string): string | undefined {
  const [, attemptId] = shape.exec(mark) ?? [];
  if (attemptId === undefined || !isWebAddress(target)) return undefined;
  const [given, right] = [Buffer.from(mark.slice(attemptId.length + 1)), Buffer.from(signed(key, attemptId, target))];
  return timingSafeEqual(given, right) ? attemptId : undefined;
}

/** HTML whose links lead over our redirect: those to the web, but for the one that unsubscribes. What is no link stays as it is, also in the text. */
export function withTrackedLinks(html: string, publicUrl: string, key: string, attemptId: string): string {
  const unsubscribing = `${rootOf(publicUrl)}/u/`;
  return html.replace(anchor, (whole: string, head: string, double: string | undefined, single: string | undefined) => {
    const target = decoded(double ?? single ?? "").trim();
    if (!isWebAddress(target) || target.startsWith(unsubscribing)) return whole;
    return `${head}"${clickLink(publicUrl, key, attemptId, target)}"`;
  });
}

function isWebAddress(target: string): boolean {
  if (target.length > longestTarget || /[\s\p{Cc}]/u.test(target)) return false;
  const { protocol } = URL.parse(target) ?? {};
  return protocol === "https:" || protocol === "http:";
}

function rootOf(publicUrl: string): string {
  return publicUrl.replace(/\/+$/, "");
}

function encoded(target: string): string {
  return encodeURIComponent(target).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
