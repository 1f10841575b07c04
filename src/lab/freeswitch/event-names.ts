/** switch_event.c, EVENT_NAMES: what may follow `event json`. */
export const eventNames: ReadonlySet<string> = new Set(
  (
    "CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE " +
    "CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PROGRESS " +
    "CHANNEL_PROGRESS_MEDIA CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_UNPARK CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID API LOG " +
    "INBOUND_CHAN OUTBOUND_CHAN STARTUP SHUTDOWN PUBLISH UNPUBLISH TALK NOTALK SESSION_CRASH MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE " +
    "PRESENCE_IN NOTIFY_IN PRESENCE_OUT PRESENCE_PROBE MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC BACKGROUND_JOB DETECTED_SPEECH " +
    "DETECTED_TONE PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE EXE_SCHEDULE RE_SCHEDULE RELOADXML NOTIFY PHONE_FEATURE " +
    "PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE REQUEST_PARAMS CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT " +
    "CLIENT_DISCONNECTED SERVER_DISCONNECTED SEND_INFO RECV_INFO RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CALL_SECURE NAT RECORD_START " +
    "RECORD_STOP PLAYBACK_START PLAYBACK_STOP CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START MEDIA_BUG_STOP CONFERENCE_DATA_QUERY " +
    "CONFERENCE_DATA CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE TEXT SHUTDOWN_REQUESTED CERT_RELOAD ALL"
  ).split(" "),
);

const prefix = "SWITCH_EVENT_";

/** The event's own name for what an app wrote (`SWITCH_EVENT_PLAYBACK_START` and lower case are taken too), or undefined. */
export function eventNameOf(text: string): string | undefined {
  const upper = text.toUpperCase();
  const name = upper.startsWith(prefix) ? upper.slice(prefix.length) : upper;
  return eventNames.has(name) ? name : undefined;
}

/** Where in its source FreeSWITCH fires each event (Event-Calling-File, -Function, -Line-Number), seen on the wire. */
const origins: Readonly<Record<string, readonly [file: string, fn: string, line: string]>> = {
  CALL_UPDATE: ["mod_sofia.c", "sofia_receive_message", "2133"],
  CHANNEL_ANSWER: ["switch_channel.c", "switch_channel_perform_mark_answered", "3848"],
  CHANNEL_BRIDGE: ["switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1689"],
  CHANNEL_CALLSTATE: ["switch_channel.c", "switch_channel_perform_set_callstate", "302"],
  CHANNEL_CREATE: ["switch_core_state_machine.c", "switch_core_session_run", "626"],
  CHANNEL_DATA: ["mod_event_socket.c", "parse_command", "2018"],
  CHANNEL_DESTROY: ["switch_core_session.c", "switch_core_session_perform_destroy", "1588"],
  CHANNEL_EXECUTE: ["switch_core_session.c", "switch_core_session_exec", "2949"],
  CHANNEL_EXECUTE_COMPLETE: ["switch_core_session.c", "switch_core_session_exec", "2972"],
  CHANNEL_HANGUP: ["switch_channel.c", "switch_channel_perform_hangup", "3447"],
  CHANNEL_HANGUP_COMPLETE: ["switch_core_state_machine.c", "switch_core_session_reporting_state", "943"],
  CHANNEL_PARK: ["switch_ivr.c", "switch_ivr_park", "1002"],
  CHANNEL_STATE: ["switch_channel.c", "switch_channel_perform_set_running_state", "2409"],
  CHANNEL_UNBRIDGE: ["switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1879"],
  CHANNEL_UNPARK: ["switch_ivr.c", "switch_ivr_park", "1213"],
  CODEC: ["switch_core_codec.c", "switch_core_session_set_real_read_codec", "189"],
  DTMF: ["switch_channel.c", "switch_channel_dequeue_dtmf", "678"],
  HEARTBEAT: ["switch_core.c", "send_heartbeat", "95"],
  MEDIA_BUG_START: ["switch_core_media_bug.c", "switch_core_media_bug_add", "1014"],
  MEDIA_BUG_STOP: ["switch_core_media_bug.c", "switch_core_media_bug_destroy", "84"],
  PLAYBACK_START: ["switch_ivr_play_say.c", "switch_ivr_play_file", "1649"],
  PLAYBACK_STOP: ["switch_ivr_play_say.c", "switch_ivr_play_file", "2023"],
  RECORD_START: ["switch_ivr_async.c", "record_callback", "1482"],
  RECORD_STOP: ["switch_ivr_async.c", "send_record_stop_event", "1241"],
  BACKGROUND_JOB: ["mod_event_socket.c", "api_exec", "1611"],
};

export function originOf(name: string): readonly [file: string, fn: string, line: string] {
  return origins[name] ?? ["switch_event.c", "switch_event_fire", "1"];
}
