import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { writeWav } from "../../src/lab/media/wav.ts";
import { seed } from "./freeswitch-kit.ts";
import { FreeswitchReplay } from "./freeswitch-replay.ts";

t.comment(`seed ${seed}`);
// Most of a transcript is waiting.
t.jobs = 4;
const folder = mkdtempSync(join(tmpdir(), "carillon-replay-"));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const [sounds, recordings] = [join(folder, "sounds"), join(folder, "recordings")];
mkdirSync(join(sounds, "music/8000"), { recursive: true });
mkdirSync(recordings);
// Ten seconds, as long as what was played from its 64000th sample on.
writeFileSync(join(sounds, "music/8000/placeholder-moh.wav"), writeWav(new Int16Array(80_000)));
const folders = new Map([
  ["/SOUNDS", sounds],
  ["/REC", recordings],
]);

interface Transcript {
  readonly about: string;
  /** The switch had had so many members of conferences before, and one. */
  readonly firstMember?: number;
  /** Differences that stay, with the reason. */
  readonly known?: readonly (readonly [difference: RegExp, reason: string])[];
}

/** The lab speaks no SRTP. In 02b it was left on by default, in 08a the restarted switch had lost the setting that forbids it, and which we ship in vars.xml. */
const secured: readonly [RegExp, string] = [/ without( variable_\w*(crypto|secure)\w*)+$/, "rtp_secure_media=forbidden"];

const transcripts: Readonly<Record<string, Transcript>> = {
  "02": { about: "play, keys, collecting, hangup" },
  "02b": { about: "the same with FreeSWITCH's own SRTP", known: [secured] },
  "03": { about: "early media" },
  "04e": { about: "the callee hangs up in the middle of a prompt" },
  "04h": { about: "an inbound call put onto an endpoint" },
  "05a": { about: "bridge, unbridge, one side leaves" },
  "05b": { about: "a conference with a control leg: members, mute, play, kick, hup", firstMember: 6 },
  "05c": { about: "a conference without one, and hold music", firstMember: 9 },
  "06a": {
    about: "eavesdropping",
    known: [
      [/^8443\.6 out3 says: .* came before$/, "a BYE during eavesdrop closed the real socket before its last events; the lab still sends them"],
    ],
  },
  "06b": { about: "recording, also into a file that cannot be written" },
  "07": {
    about: "barge-in, broadcast, displacing, speaking, terminators, sent keys, hold, sched_hangup",
  },
  "08a": {
    about: "FreeSWITCH is killed during a bridged call and comes back",
    known: [secured],
  },
  "08b": { about: "drachtio-server is killed: the media and their control go on" },
  "08c": { about: "the app dies, and another one comes" },
};

/** Book-keeping of who called whom and why it ended: nothing in Carillon reads these. */
const withoutNames =
  /^(Other-Leg-Caller-ID-Number|variable_(uuid_bridge|original_caller_id_number|channel_cid_flipped|last_sent_callee_id_\w+|pre_transfer_caller_id_name|app_uuid|last_bridge_role|sound_prefix|last_dtmf_duration|proto_specific_hangup_cause|sip_term_(cause|status)))$/;

const only = process.env["TRANSCRIPT"];
for (const [file, { about, firstMember = 1, known = [] }] of Object.entries(transcripts)) {
  if (only !== undefined && only !== file) continue;
  t.test(`transcript ${file}: ${about}`, { timeout: 120_000, buffered: true }, async (test) => {
    const { compared, differences, unknown, open } = await new FreeswitchReplay({ firstMember, withoutNames, folders }).run(file);
    for (const difference of differences.filter((text) => !known.some(([pattern]) => pattern.test(text)))) test.fail(difference);
    test.same(unknown, [], "the lab knows all that was asked");
    test.match(open, { channels: 0, sockets: 0, tasks: 0, streams: 0 }, "nothing left");
    test.ok(compared > 20, `${compared} messages compared`);
  });
}
