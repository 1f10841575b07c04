import { type Law, payloadTypeOf } from "./g711.ts";

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** The audio part of a session description (RFC 8866), as far as a telephone call uses it. */
export interface AudioSdp {
  readonly host: string;
  /** 0 when the stream is refused. */
  readonly port: number;
  /** In order of preference, from the formats listed: those that G.711 can serve. */
  readonly laws: readonly { readonly law: Law; readonly payloadType: number }[];
  /** Payload type of telephone-event/8000, when offered. */
  readonly eventPayloadType: number | undefined;
  readonly direction: Direction;
  readonly ptimeMs: number;
  /** True for RTP/SAVP and relatives, which nobody here speaks. */
  readonly secure: boolean;
}

const directions: readonly string[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

function isDirection(text: string): text is Direction {
  return directions.includes(text);
}

/**
 * Reads the first audio stream that is not refused and not encrypted, or failing that the first one. Undefined when there is no audio
 * or the text is no SDP; never throws.
 */
export function parseSdp(text: string): AudioSdp | undefined {
  if (text.length > 65_536) return undefined;
  let host = "";
  let direction: Direction = "sendrecv";
  const streams: {
    host: string;
    port: number;
    profile: string;
    formats: number[];
    maps: Map<number, string>;
    direction: Direction;
    ptimeMs: number;
    audio: boolean;
  }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const kind = line[0];
    if (line[1] !== "=") continue;
    const value = line.slice(2).trim();
    const stream = streams.at(-1);
    if (kind === "c") {
      const address = value.split(" ")[2]?.split("/")[0] ?? "";
      if (stream) stream.host = address;
      else host = address;
    } else if (kind === "m") {
      const [media = "", port = "", profile = "", ...formats] = value.split(/\s+/);
      const number = Number.parseInt(port, 10);
      streams.push({
        audio: media === "audio",
        host,
        port: number >= 0 && number <= 65535 ? number : 0,
        profile,
        formats: formats.map((format) => Number.parseInt(format, 10)).filter((format) => format >= 0 && format <= 127),
        maps: new Map(),
        direction,
        ptimeMs: 20,
      });
    } else if (kind === "a") {
      if (isDirection(value)) {
        if (stream) stream.direction = value;
        else direction = value;
      } else if (stream && value.startsWith("rtpmap:")) {
        const [type = "", coding = ""] = value.slice(7).split(/\s+/);
        stream.maps.set(Number.parseInt(type, 10), coding.toLowerCase());
      } else if (stream && value.startsWith("ptime:")) {
        const ptimeMs = Number.parseInt(value.slice(6), 10);
        if (ptimeMs >= 10 && ptimeMs <= 200) stream.ptimeMs = ptimeMs;
      }
    }
  }
  const audio = streams.filter((stream) => stream.audio);
  const chosen = audio.find((stream) => stream.port > 0 && !stream.profile.includes("SAVP")) ?? audio[0];
  if (!chosen) return undefined;
  const laws: { law: Law; payloadType: number }[] = [];
  let eventPayloadType: number | undefined;
  for (const payloadType of chosen.formats) {
    const coding = chosen.maps.get(payloadType) ?? (payloadType === 0 ? "pcmu/8000" : payloadType === 8 ? "pcma/8000" : "");
    if (coding.startsWith("pcmu/8000")) laws.push({ law: "PCMU", payloadType });
    else if (coding.startsWith("pcma/8000")) laws.push({ law: "PCMA", payloadType });
    else if (coding === "telephone-event/8000") eventPayloadType ??= payloadType;
  }
  return {
    host: chosen.host,
    port: chosen.port,
    laws,
    eventPayloadType,
    direction: chosen.direction,
    ptimeMs: chosen.ptimeMs,
    secure: chosen.profile.includes("SAVP"),
  };
}

export interface SdpRequest {
  readonly host: string;
  readonly port: number;
  readonly laws: readonly Law[];
  /** Left out: no telephone-event. */
  readonly eventPayloadType?: number | undefined;
  readonly direction?: Direction;
  /** The o= user name and the s= line; FreeSWITCH writes its own name. */
  readonly name?: string;
  readonly sessionId: number;
  /** Grows by one with every change (RFC 8866 §5.2, RFC 3264 §8). */
  readonly version: number;
  /** Comfort noise payload 13 (RFC 3389) in the list, as FreeSWITCH offers it. */
  readonly comfortNoise?: boolean;
}

/** One audio stream over RTP/AVP with 20 ms packets. */
export function buildSdp(request: SdpRequest): string {
  const { laws, eventPayloadType } = request;
  const formats = [...laws.map(payloadTypeOf), ...(eventPayloadType === undefined ? [] : [eventPayloadType]), ...(request.comfortNoise ? [13] : [])];
  return [
    "v=0",
    `o=${request.name ?? "-"} ${request.sessionId} ${request.version} IN IP4 ${request.host}`,
    `s=${request.name ?? "-"}`,
    `c=IN IP4 ${request.host}`,
    "t=0 0",
    `m=audio ${request.port} RTP/AVP ${formats.join(" ")}`,
    ...laws.map((law) => `a=rtpmap:${payloadTypeOf(law)} ${law}/8000`),
    ...(eventPayloadType === undefined ? [] : [`a=rtpmap:${eventPayloadType} telephone-event/8000`]),
    ...(request.comfortNoise ? ["a=rtpmap:13 CN/8000"] : []),
    ...(eventPayloadType === undefined ? [] : [`a=fmtp:${eventPayloadType} 0-15`]),
    "a=ptime:20",
    `a=${request.direction ?? "sendrecv"}`,
    "",
  ].join("\r\n");
}

/** The direction that answers an offered one (RFC 3264 §6.1), for an end that would rather do everything. */
export function answerDirection(offered: Direction): Direction {
  return offered === "sendonly" ? "recvonly" : offered === "recvonly" ? "sendonly" : offered;
}
