/** What trunks may be offered: what FreeSWITCH speaks without a module, and every carrier takes. */
export const codecs = ["PCMU", "PCMA"] as const;
export type Codec = (typeof codecs)[number];

/** Payload types that need no rtpmap (RFC 3551 §6). */
const staticTypes: Readonly<Record<string, string>> = { 0: "PCMU", 8: "PCMA" };
/** Whatever is spoken, keys (RFC 4733) and comfort noise (RFC 3389) may come with it. */
const beside: readonly string[] = ["TELEPHONE-EVENT", "CN"];

/**
 * The media server's offer as a trunk is to see it: those of its codecs that the trunk wants, in the trunk's order (RFC 3264 §5.1: the order is the
 * preference). To leave some out is no lie towards the media server: an answer may take any of what it offered (§6.1).
 * @param sdp one audio stream; unchanged when it offers nothing of what is wanted
 */
export function offeredTo(wanted: readonly Codec[] | undefined, sdp: string): string {
  if (wanted === undefined || wanted.length === 0) return sdp;
  const lines = sdp.split("\r\n");
  const names = new Map(Object.entries(staticTypes));
  for (const line of lines) {
    const [, type, name] = /^a=rtpmap:(\d+)\s+([^/\s]+)/i.exec(line) ?? [];
    if (type !== undefined && name !== undefined) names.set(type, name.toUpperCase());
  }
  const media = lines.findIndex((line) => line.startsWith("m=audio "));
  const [head = "", port = "", profile = "", ...types] = lines[media]?.split(/\s+/) ?? [];
  const nameOf = (type: string) => names.get(type) ?? "";
  const spoken = [...new Set(wanted)].flatMap((codec) => types.filter((type) => nameOf(type) === codec));
  if (spoken.length === 0) return sdp;
  const kept = [...spoken, ...types.filter((type) => beside.includes(nameOf(type)))];
  const dropped = types.filter((type) => !kept.includes(type));
  const isDropped = (line: string) => dropped.includes(/^a=(?:rtpmap|fmtp|rtcp-fb):(\S+)\s/.exec(line)?.[1] ?? "");
  return lines
    .map((line, at) => (at === media ? [head, port, profile, ...kept].join(" ") : line))
    .filter((line) => !isDropped(line))
    .join("\r\n");
}

/**
 * An offer that takes the place of another one in the same call: the origin stays, its version goes up (RFC 3264 §8), although it is of another media server.
 * @param before what was offered last
 */
export function offeredAfter(before: string, sdp: string): string {
  const [, name, id, version] = /^o=(\S+) (\S+) (\d+) /m.exec(before) ?? [];
  if (name === undefined || id === undefined || version === undefined) return sdp;
  return sdp.replace(/^o=\S+ \S+ \d+ /m, `o=${name} ${id} ${BigInt(version) + 1n} `);
}

/**
 * What to offer the other end of a conversation: what is wanted of it, but first what is spoken already. Between two codecs keys are lost (FreeSWITCH 1.11).
 * @param format RTP payload type that the first end speaks
 */
export function likeFirst(wanted: readonly Codec[] = codecs, format: string | undefined): readonly Codec[] {
  return wanted.toSorted((one, other) => Number(isType(other, format)) - Number(isType(one, format)));
}

function isType(codec: Codec, format: string | undefined): boolean {
  return format !== undefined && staticTypes[format] === codec;
}
