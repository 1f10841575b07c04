import type { ApiCommand } from "./api.ts";
import { cjson } from "./cjson.ts";
import type { Conference } from "./conference.ts";
import type { ConferenceMember } from "./conference-member.ts";
import type { Conferences } from "./conferences.ts";
import type { PromptCache } from "./prompt-cache.ts";

type MemberCommand = (conference: Conference, member: ConferenceMember) => string;

/** What is asked of one member, or of `all`, `last` or `non_moderator` (conference_api.c). */
const memberCommands: Readonly<Record<string, MemberCommand>> = {
  mute: (conference, member) => {
    member.setSpeaks(false);
    conference.tell(member, "mute-member", "conference_api_sub_mute");
    return `+OK mute ${member.id}\n`;
  },
  unmute: (conference, member) => {
    member.setSpeaks(true);
    conference.tell(member, "unmute-member", "conference_api_sub_unmute");
    return `+OK unmute ${member.id}\n`;
  },
  deaf: (conference, member) => {
    member.hears = false;
    conference.tell(member, "deaf-member", "conference_api_sub_deaf");
    return `+OK deaf ${member.id}\n`;
  },
  undeaf: (conference, member) => {
    member.hears = true;
    conference.tell(member, "undeaf-member", "conference_api_sub_undeaf");
    return `+OK undeaf ${member.id}\n`;
  },
  kick: (conference, member) => {
    member.staying = false;
    conference.tell(member, "kick-member", "conference_api_sub_kick");
    return `+OK kicked ${member.id}\n`;
  },
  hup: (conference, member) => {
    member.staying = false;
    conference.tell(member, "hup-member", "conference_api_sub_hup");
    return `+OK hup ${member.id}\n`;
  },
};

/** conference NAME list|json_list|play|stop|lock|unlock|mute|unmute|deaf|undeaf|kick|hup … (conference_api.c). A kick does not hang up: the call goes on after it. */
export function conferenceCommand(conferences: Conferences, prompts: PromptCache, unknown: (what: string) => void): [string, ApiCommand] {
  const run: ApiCommand = (argument) => {
    const [name = "", command = "", ...rest] = argument.trim().split(/\s+/);
    const conference = conferences.find(name);
    if (!conference) return `-ERR Conference ${name} not found\n`;
    const forMember = Object.hasOwn(memberCommands, command) ? memberCommands[command] : undefined;
    if (forMember) return onMembers(conference, rest[0] ?? "", forMember);
    switch (command) {
      case "list":
        return rest[0] === "count" ? `${conference.members.length}\n` : list(conference);
      case "json_list":
        return `${cjson([described(conference)])}\n`;
      case "play":
        return play(conference, prompts, rest.join(" "));
      case "stop":
        return `+OK Stopped ${conference.stop()} files.\n`;
      case "lock":
      case "unlock":
        conference.locked = command === "lock";
        return `+OK ${name} ${command}ed\n`;
    }
    unknown(`api conference ${argument}`);
    return `-ERR Conference command '${command}' not found.\n`;
  };
  return ["conference", run];
}

function onMembers(conference: Conference, which: string, command: MemberCommand): string {
  const { members } = conference;
  if (which === "all") return members.map((member) => command(conference, member)).join("");
  if (which === "non_moderator")
    return members
      .filter(({ flags }) => !flags.has("moderator"))
      .map((member) => command(conference, member))
      .join("");
  const member = which === "last" ? members[0] : members.find(({ id }) => String(id) === which);
  return member
    ? command(conference, member)
    : which === "last"
      ? "-ERR No members found\n"
      : `-ERR Non-Existant ID ${Number.parseInt(which, 10) || 0}\n`;
}

function play(conference: Conference, prompts: PromptCache, file: string): string {
  const prompt = prompts.find(file);
  if (!prompt) return `-ERR (play) File: ${file || "(unspecified)"} not found.\n`;
  conference.play(file, prompt);
  return `+OK (play) Playing file ${file}\n`;
}

function list(conference: Conference): string {
  return conference.members
    .map((member) => {
      const { profile, uuid } = member.channel;
      const abilities = [
        member.hears && "hear",
        member.speaks && "speak",
        member.talking && "talking",
        conference.floor === member && "floor",
        member.flags.has("moderator") && "moderator",
      ].filter((ability) => ability !== false);
      return `${[member.id, profile.channelName, uuid, profile.callerIdName, profile.callerIdNumber ?? "", abilities.join("|"), 0, 0, 100].join(";")}\n`;
    })
    .join("");
}

/** json_list's form (mod_conference.c, conference_jlist). Times are whole seconds. */
function described(conference: Conference): Record<string, unknown> {
  const seconds = (sinceMs: number) => Math.floor((conference.core.clock.now() - sinceMs) / 1000);
  return {
    conference_name: conference.name,
    member_count: conference.members.length,
    ghost_count: 0,
    rate: 8000,
    run_time: seconds(conference.startedAtMs),
    conference_uuid: conference.uuid,
    canvas_count: 0,
    max_bw_in: 0,
    force_bw_in: 0,
    video_floor_packets: 0,
    locked: conference.locked,
    destruct: false,
    wait_mod: false,
    audio_always: false,
    running: true,
    answered: true,
    enforce_min: true,
    bridge_to: false,
    dynamic: true,
    exit_sound: true,
    enter_sound: true,
    recording: false,
    video_bridge: false,
    video_floor_only: false,
    video_rfc4579: false,
    variables: {},
    members: conference.members.map((member) => ({
      type: "caller",
      id: member.id,
      flags: {
        can_hear: member.hears,
        can_see: true,
        can_speak: member.speaks,
        hold: false,
        mute_detect: false,
        talking: member.talking,
        has_video: false,
        video_bridge: false,
        has_floor: conference.floor === member,
        is_moderator: member.flags.has("moderator"),
        end_conference: member.flags.has("endconf"),
        mandatory_member_end_conference: false,
        pass_digits: false,
      },
      uuid: member.channel.uuid,
      caller_id_name: member.channel.profile.callerIdName,
      caller_id_number: member.channel.profile.callerIdNumber ?? "",
      join_time: seconds(member.joinedAtMs),
      last_talking: member.lastTalkingAtMs === undefined ? 0 : seconds(member.lastTalkingAtMs),
      energy: 100,
      volume_in: 0,
      volume_out: 0,
      "output-volume": 0,
      "input-volume": 0,
    })),
  };
}
