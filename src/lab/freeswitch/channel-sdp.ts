import type { Law } from "../media/g711.ts";
import { answerDirection, type Direction } from "../media/sdp.ts";
import { type ChannelMedia, ownEventPayloadType } from "./channel-media.ts";

/** Numbers of the o= line: fixed for a channel, and one more with every change. */
export interface SdpVersion {
  readonly sessionId: number;
  version: number;
}

/** What FreeSWITCH offers when the INVITE had nothing: every law, keys and comfort noise, in its own order of lines. */
export function offerSdp(media: ChannelMedia, host: string, version: SdpVersion): string {
  return sdpText(media, host, version, ["PCMU", "PCMA"], "sendrecv", ownEventPayloadType);
}

/** The answer to what `media` has just accepted: one law, and keys when the far end has them. */
export function answerSdp(media: ChannelMedia, host: string, version: SdpVersion): string {
  return sdpText(media, host, version, [media.law], answerDirection(media.remoteDirection), media.eventPayloadType);
}

/** What a re-INVITE gets in which there is nothing that FreeSWITCH speaks (measured on 1.11.3): the stream is refused, the call goes on. */
export function refusalSdp(media: ChannelMedia, host: string, version: SdpVersion): string {
  version.version++;
  return offerSdp(media, host, version)
    .replace(/^m=audio \d+/m, "m=audio 0")
    .replace("a=ptime:20\r\n", "");
}

/** What goes out in a re-INVITE of our own: the law in use; `sendonly` on hold. */
export function holdSdp(media: ChannelMedia, host: string, version: SdpVersion, held: boolean): string {
  return sdpText(media, host, version, [media.law], held ? "sendonly" : "sendrecv", media.eventPayloadType);
}

function sdpText(
  media: ChannelMedia,
  host: string,
  version: SdpVersion,
  laws: readonly Law[],
  direction: Direction,
  eventPayloadType: number | undefined,
): string {
  const typeOf = (law: Law) => (law === "PCMU" ? 0 : 8);
  const formats = [...laws.map(typeOf), ...(eventPayloadType === undefined ? [] : [eventPayloadType]), 13];
  const lines = [
    "v=0",
    `o=freeSwitch ${version.sessionId} ${version.version} IN IP4 ${host}`,
    "s=freeSwitch",
    `c=IN IP4 ${host}`,
    "t=0 0",
    `m=audio ${media.rtp.port} RTP/AVP ${formats.join(" ")}`,
    ...laws.map((law) => `a=rtpmap:${typeOf(law)} ${law}/8000`),
    ...(eventPayloadType === undefined ? [] : [`a=rtpmap:${eventPayloadType} telephone-event/8000`, `a=fmtp:${eventPayloadType} 0-15`]),
    "a=rtpmap:13 CN/8000",
    "a=ptime:20",
  ];
  // sendrecv goes without saying, and FreeSWITCH does not say it.
  if (direction !== "sendrecv") lines.push(`a=${direction}`);
  return `${lines.join("\r\n")}\r\n`;
}
