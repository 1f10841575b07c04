import { frameSamples } from "../media/ticker.ts";
import type { Channel } from "./channel.ts";
import { ConferenceMember } from "./conference-member.ts";
import type { SwitchCore } from "./core.ts";
import type { Header } from "./event.ts";
import type { Prompt } from "./prompt-cache.ts";

const subclass = "conference::maintenance";

interface Playing {
  readonly file: string;
  readonly prompt: Prompt;
  at: number;
}

/** People who hear each other (mod_conference): every 20 ms each is given the sum of all others, and of a file that is being played. */
export class Conference {
  readonly core: SwitchCore;
  readonly name: string;
  readonly uuid: string;
  readonly startedAtMs: number;
  locked = false;
  floor: ConferenceMember | undefined;
  /** CFLAG_DESTRUCT: everybody goes, and the call of each is ended unless its hangup_after_conference is false. */
  over = false;
  /** mintwo came in, and two have been there since: with fewer it is over (conference->min and CFLAG_ENFORCE_MIN). */
  #needsTwo = false;
  #hadTwo = false;
  readonly #members: ConferenceMember[] = [];
  readonly #files: Playing[] = [];

  constructor(core: SwitchCore, name: string) {
    this.core = core;
    this.name = name;
    this.uuid = core.newUuid();
    this.startedAtMs = core.clock.now();
  }

  /** Who joined last comes first. */
  get members(): readonly ConferenceMember[] {
    return this.#members;
  }

  join(id: number, channel: Channel, flags: ReadonlySet<string>): ConferenceMember {
    const member = new ConferenceMember(id, channel, flags);
    this.#members.unshift(member);
    if (flags.has("mintwo")) this.#needsTwo = true;
    if (this.#needsTwo && this.#members.length >= 2) this.#hadTwo = true;
    this.tell(member, "add-member", "conference_member_add");
    if (!this.floor) this.#setFloor(member);
    return member;
  }

  /** The member is gone. With one who has endconf, everybody else goes (conference_member.c, conference_member_del). */
  leave(member: ConferenceMember): void {
    const place = this.#members.indexOf(member);
    if (place < 0) return;
    member.leave();
    if (this.floor === member) this.#setFloor(undefined);
    this.#members.splice(place, 1);
    this.tell(member, "del-member", "conference_member_del");
    if (member.flags.has("endconf") || (this.#hadTwo && this.#members.length < 2)) {
      this.over = true;
      for (const other of this.#members) other.staying = false;
    }
    if (!this.floor) this.#setFloor(this.#members.find(({ talking }) => talking) ?? this.#members[0]);
  }

  /** Queues a file for all to hear. */
  play(file: string, prompt: Prompt): void {
    this.#files.push({ file, prompt, at: 0 });
    this.#fire([...this.#headers(), ["Action", "play-file"], ["File", file], ["Async", "false"]], "conference_api_sub_play");
  }

  /** @returns how many files it stopped */
  stop(): number {
    const stopped = this.#files.splice(0);
    for (const playing of stopped) this.#fileDone(playing);
    return stopped.length;
  }

  /** One 20 ms turn. */
  frame(): void {
    const sum = new Int32Array(frameSamples);
    const inputs = this.#members.map((member) => {
      const { pcm, change } = member.listen();
      if (pcm) for (let at = 0; at < frameSamples; at++) sum[at] = (sum[at] ?? 0) + (pcm[at] ?? 0);
      if (change) this.#talks(member, change);
      return pcm;
    });
    this.#addFile(sum);
    for (const [place, member] of this.#members.entries()) {
      const own = inputs[place];
      member.give(Int16Array.from(sum, (sample, at) => Math.max(-32768, Math.min(32767, sample - (own?.[at] ?? 0)))));
    }
  }

  /** Fires an event about a member. */
  tell(member: ConferenceMember, action: string, fn: string): void {
    const floor: Header = ["Floor", String(member === this.floor)];
    this.core.fire("CUSTOM", {
      subclass,
      subject: member.channel,
      before: [...this.#headers(), floor],
      after: [...member.headers(), ["Action", action]],
      origin: [fn.includes("_api_") ? "conference_api.c" : fn.includes("_loop_") ? "conference_loop.c" : "conference_member.c", fn, "1"],
    });
  }

  #talks(member: ConferenceMember, change: "start-talking" | "stop-talking"): void {
    this.tell(member, change, "conference_loop_input");
    if (change === "start-talking" && this.floor !== member && this.floor?.talking !== true) this.#setFloor(member);
  }

  #setFloor(member: ConferenceMember | undefined): void {
    const before = this.floor;
    this.floor = member;
    if (before === member) return;
    const old: Header[] = [
      ["Action", "floor-change"],
      ["Old-ID", before && this.#members.includes(before) ? String(before.id) : "none"],
    ];
    const fn = "conference_member_set_floor_holder";
    if (!member) {
      this.#fire([...this.#headers(), ...old, ["New-ID", "none"]], fn);
      return;
    }
    this.core.fire("CUSTOM", {
      subclass,
      subject: member.channel,
      before: [...this.#headers(), ...old, ["Floor", "true"]],
      after: [...member.headers(), ["New-ID", String(member.id)]],
      origin: ["conference_member.c", fn, "1158"],
    });
  }

  #fire(after: readonly Header[], fn: string): void {
    this.core.fire("CUSTOM", { subclass, after, origin: [fn.includes("_file_") ? "conference_file.c" : "conference_api.c", fn, "1"] });
  }

  #headers(): Header[] {
    return [
      ["Conference-Name", this.name],
      ["Conference-Domain", this.core.host],
      ["Conference-Size", String(this.#members.length)],
      ["Conference-Ghosts", "0"],
      ["Conference-Profile-Name", "default"],
      ["Conference-Unique-ID", this.uuid],
    ];
  }

  #addFile(sum: Int32Array): void {
    const playing = this.#files[0];
    if (!playing) return;
    const { prompt } = playing;
    const total = prompt.samples * prompt.times;
    for (let at = 0; at < frameSamples && playing.at < total; at++, playing.at++) {
      sum[at] = (sum[at] ?? 0) + (prompt.pcm[playing.at % prompt.samples] ?? 0);
    }
    if (playing.at < total) return;
    this.#files.shift();
    this.#fileDone(playing);
  }

  #fileDone({ file, at }: Playing): void {
    const played: Header[] = [
      ["seconds", String(Math.floor(at / 8000))],
      ["milliseconds", String(Math.floor(at / 8))],
      ["samples", String(at)],
      ["Action", "play-file-done"],
      ["File", file],
    ];
    this.#fire([...this.#headers(), ...played], "conference_file_close");
  }
}
