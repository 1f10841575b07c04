/**
 * What FreeSWITCH answers an offer within a dialog. Without a codec in common it says 200 all the same, and refuses the stream with port 0 (RFC 3264 §6): whoever
 * was put on that would hear nothing.
 * @throws when the stream is refused
 */
export function agreed(answer: string): string {
  if (/^m=audio 0 /m.test(answer)) throw new Error("no codec in common");
  return answer;
}
