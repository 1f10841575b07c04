import type { IncomingCall } from "../sip/incoming-call.ts";
import { tagOf } from "../sip/uri.ts";
import type { Channel } from "./channel.ts";

/** What the channel knows of the profile it came in by. */
export interface ProfileFacts {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

interface UriParts {
  readonly user: string;
  readonly host: string;
  readonly port: string;
}

function uriParts(text: string, noUser: string): UriParts {
  const [, user = noUser, host = "", port = "5060"] = /sips?:(?:([^@;>]*)@)?(\[[^\]]*\]|[^:;>\s]*)(?::(\d+))?/i.exec(text) ?? [];
  return { user, host, port };
}

/** The variables that an INVITE leaves on its channel (sofia.c, sofia_handle_sip_i_invite), in that order. */
export function setInviteVariables(channel: Channel, call: IncomingCall, profile: ProfileFacts, sessionId: number): void {
  const { request, peer } = call;
  const { variables } = channel;
  const put = (values: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(values)) variables.set(name, value);
  };
  const parts = (prefix: string, text: string, noUser: string) => {
    const { user, host, port } = uriParts(text, noUser);
    put({
      [`sip_${prefix}_user`]: user,
      [`sip_${prefix}_port`]: port,
      [`sip_${prefix}_uri`]: `${user}@${host}:${port}`,
      [`sip_${prefix}_host`]: host,
    });
  };
  put({ direction: "inbound", uuid: channel.uuid, session_id: String(sessionId) });
  parts("from", request.headers.get("from") ?? "", "nobody");
  put({
    video_media_flow: "disabled",
    text_media_flow: "disabled",
    channel_name: channel.profile.channelName,
    sip_local_network_addr: profile.host,
    sip_network_ip: peer.host,
    sip_network_port: String(peer.port),
    sip_invite_stamp: channel.profile.channelCreatedAt,
    sip_received_ip: peer.host,
    sip_received_port: String(peer.port),
    sip_via_protocol: peer.transport,
    sofia_profile_name: profile.name,
    sofia_profile_url: `sip:mod_sofia@${profile.host}:${profile.port}`,
    recovery_profile_name: profile.name,
  });
  parts("req", request.uri, "");
  parts("to", request.headers.get("to") ?? "", "");
  parts("contact", request.headers.get("contact") ?? "", "nobody");
  put({
    sip_user_agent: request.headers.get("user-agent") ?? "",
    sip_via_host: /^SIP\/2\.0\/\w+ ([^:;\s]+)/i.exec(request.headers.get("via") ?? "")?.[1] ?? peer.host,
    sip_via_rport: String(peer.port),
    max_forwards: request.headers.get("max-forwards") ?? "70",
  });
  for (const { name, value } of request.headers.all()) if (/^x-/i.test(name)) variables.set(`sip_h_${name}`, value);
}

/** What is known once the call is answered and acknowledged, and again after each re-INVITE. */
export function setDialogVariables(channel: Channel, call: IncomingCall, toTag: string): void {
  const { request } = call;
  const values: Readonly<Record<string, string>> = {
    sip_to_tag: toTag,
    sip_from_tag: tagOf(request.headers.get("from")) ?? "",
    sip_cseq: (request.headers.get("cseq") ?? "").split(" ")[0] ?? "",
    sip_call_id: call.callId,
    sip_full_via: request.headers.get("via") ?? "",
    sip_full_from: request.headers.get("from") ?? "",
    sip_full_to: request.headers.get("to") ?? "",
  };
  for (const [name, value] of Object.entries(values)) channel.variables.set(name, value);
}

/** The media as negotiated (switch_core_media.c). */
export function setMediaVariables(channel: Channel, localSdp: string, remoteSdp: string, host: string): void {
  const { media, variables } = channel;
  const codecs = remoteSdp.includes("PCMA") && remoteSdp.includes("PCMU") ? ["PCMU", "PCMA"] : [media.law];
  const flow = media.remoteDirection;
  const values: Readonly<Record<string, string | undefined>> = {
    // On the wire sendrecv goes without saying; here it is said.
    rtp_local_sdp_str: /^a=(sendrecv|sendonly|recvonly|inactive)/m.test(localSdp) ? localSdp : `${localSdp}a=sendrecv\r\n`,
    switch_r_sdp: remoteSdp,
    ep_codec_string: codecs.map((codec) => `CORE_PCM_MODULE.${codec}@8000h@20i@64000b`).join(","),
    rtp_use_codec_string: "PCMU,PCMA",
    remote_video_media_flow: "inactive",
    remote_text_media_flow: "inactive",
    remote_audio_media_flow: flow,
    media_audio_mode: flow === "sendrecv" ? undefined : flow === "recvonly" ? "sendonly" : flow === "sendonly" ? "recvonly" : "inactive",
    media_timeout_audio: "0",
    media_hold_timeout_audio: "0",
    rtp_timeout_sec: "0",
    rtp_hold_timeout_sec: "0",
    audio_media_flow: flow,
    rtp_audio_recv_pt: media.law === "PCMU" ? "0" : "8",
    rtp_use_codec_name: media.law,
    rtp_use_codec_rate: "8000",
    rtp_use_codec_ptime: "20",
    rtp_use_codec_channels: "1",
    rtp_last_audio_codec_string: `${media.law}@8000h@20i@1c`,
    read_codec: media.law,
    original_read_codec: media.law,
    read_rate: "8000",
    original_read_rate: "8000",
    write_codec: media.law,
    write_rate: "8000",
    dtmf_type: media.eventPayloadType === undefined ? "none" : "rfc2833",
    local_media_ip: host,
    local_media_port: String(media.rtp.port),
    advertised_media_ip: host,
    rtp_use_timer_name: "soft",
    rtp_use_pt: media.law === "PCMU" ? "0" : "8",
    rtp_use_ssrc: String(media.rtp.ssrc),
    rtp_2833_send_payload: media.eventPayloadType === undefined ? undefined : String(media.eventPayloadType),
    rtp_2833_recv_payload: media.eventPayloadType === undefined ? undefined : String(media.eventPayloadType),
    remote_media_ip: media.remote?.host,
    remote_media_port: media.remote === undefined ? undefined : String(media.remote.port),
  };
  for (const [name, value] of Object.entries(values)) variables.set(name, value);
}
