import type { Application, Channel } from "./channel.ts";
import { Conference } from "./conference.ts";
import type { SwitchCore } from "./core.ts";

/** The beat that conferences mix on. */
export interface Beat {
  add(frame: () => void): void;
  remove(frame: () => void): void;
}

/** All conferences of the switch, by name. One lives as long as somebody is in it. */
export class Conferences {
  readonly #core: SwitchCore;
  readonly #beat: Beat;
  readonly #rooms = new Map<string, { conference: Conference; frame: () => void }>();
  /** Whoever comes back keeps the number it had (mod_conference.c, __confmid). */
  readonly #numbers = new WeakMap<Channel, number>();
  /** The number of the next member; they go on through all conferences. */
  nextMember = 1;

  constructor(core: SwitchCore, beat: Beat) {
    this.#core = core;
    this.#beat = beat;
  }

  find(name: string): Conference | undefined {
    return this.#rooms.get(name)?.conference;
  }

  application(): [string, Application] {
    return ["conference", (channel, data) => this.#attend(channel, data)];
  }

  /**
   * conference: NAME[@PROFILE][+[PIN]][+flags{FLAG|FLAG}] (mod_conference.c, conference_function). It is over when the member is sent out, the conference ends or the
   * call does. Messages are read with the frames that come in, so an endpoint that gets no RTP leaves them unread, a hangup too (transcript 05b).
   */
  async #attend(channel: Channel, data: string): Promise<void> {
    const [, name = "", rest = ""] = /^([^@+]*)(.*)$/.exec(data.trim()) ?? [];
    const flags = new Set((/\+flags\{([^}]*)\}/.exec(rest)?.[1] ?? "").split("|").filter((flag) => flag !== ""));
    const there = this.find(name);
    if (name === "" || there?.locked || (!there && flags.has("join-only"))) return;
    const conference = there ?? this.#open(name);
    const { variables, media } = channel;
    const member = conference.join(this.#numberOf(channel), channel, flags);
    const [codec, rate] = [variables.get("read_codec"), variables.get("read_rate")];
    const values: Readonly<Record<string, string>> = {
      conference_name: name,
      app_session_uuid: conference.uuid,
      read_codec: "L16",
      read_rate: "8000",
      conference_member_id: String(member.id),
      conference_moderator: String(flags.has("moderator")),
      conference_ghost: "false",
      conference_uuid: conference.uuid,
      conference_call_key: `conference_${name}_${this.#core.host}_`,
    };
    for (const [variable, value] of Object.entries(values)) variables.set(variable, value);
    await channel.block(() => {
      channel.interrupted = false;
      channel.keys.take();
      member.turn();
      return !member.staying;
    }, media.rtp.remote !== undefined);
    if (channel.hangupCause) channel.control?.finish();
    const sentOut = !conference.over;
    conference.leave(member);
    variables.set("read_codec", codec);
    variables.set("read_rate", rate);
    if (conference.members.length === 0) this.#close(conference);
    // Who was sent out, alone, goes on in any case (conference_thread_run).
    const ends = conference.over && !sentOut && channel.ready && variables.get("hangup_after_conference") !== "false";
    if (ends) channel.hangup();
  }

  #numberOf(channel: Channel): number {
    const number = this.#numbers.get(channel) ?? this.nextMember++;
    this.#numbers.set(channel, number);
    return number;
  }

  #open(name: string): Conference {
    const conference = new Conference(this.#core, name);
    const frame = () => conference.frame();
    this.#rooms.set(name, { conference, frame });
    this.#beat.add(frame);
    return conference;
  }

  #close(conference: Conference): void {
    const room = this.#rooms.get(conference.name);
    if (room?.conference !== conference) return;
    this.#beat.remove(room.frame);
    this.#rooms.delete(conference.name);
  }
}
