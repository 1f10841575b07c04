/** The RTP payload type that an SDP prefers for its sound: 0 PCMU, 8 PCMA (RFC 3551 §6). Undefined when there is no audio in it. */
export function preferredFormat(sdp: string): string | undefined {
  return /^m=audio \d+ \S+ (\d+)/m.exec(sdp)?.[1];
}

/** The same SDP with that format before its others (RFC 3264 §5.1), if it is among them. */
export function preferring(format: string | undefined, sdp: string): string {
  return sdp.replace(/^(m=audio \d+ \S+)((?: \d+)+)/m, (line, media: string, list: string) => {
    const formats = list.trim().split(" ");
    if (format === undefined || !formats.includes(format)) return line;
    return [media, format, ...formats.filter((one) => one !== format)].join(" ");
  });
}

/** The same SDP with its streams stopped in both directions (RFC 8866 §6.7). */
export function inactive(sdp: string): string {
  return `${sdp.replace(/^a=(sendrecv|sendonly|recvonly|inactive)\r?\n/gm, "")}a=inactive\r\n`;
}
