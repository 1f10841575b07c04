import t from "tap";
import { pushEarlyMedia, startEarlyMedia } from "../../../src/voice/amd/early-media.ts";
import { join, quiet, speech, times, tone } from "./sound-kit.ts";

function heard(sound: Int16Array) {
  const state = startEarlyMedia();
  for (let at = 0; at < sound.length; at += 160) pushEarlyMedia(state, sound.subarray(at, at + 160));
  return state.heard;
}

t.test("what is heard before the answer", async (t) => {
  const ringing = times(2, tone([440, 480], 2000), quiet(4000));
  const sit = join(tone([950], 330), tone([1400], 330), tone([1800], 330), quiet(300), speech(3000));
  const cases: readonly [string, Int16Array, string | undefined][] = [
    ["ringing", ringing, "ringback"],
    ["ringing in Europe", times(2, tone([425], 1000), quiet(4000)), "ringback"],
    ["busy", times(4, tone([480, 620], 500), quiet(500)), "busy"],
    ["congestion", times(6, tone([425], 250), quiet(250)), "busy"],
    ["a bad number", sit, "sit"],
    ["a bad number after ringing", join(ringing, sit), "sit"],
    ["busy after ringing", join(ringing, times(4, tone([425], 500), quiet(500))), "busy"],
    ["an announcement", join(quiet(300), speech(6000)), undefined],
    ["nothing", quiet(8000), undefined],
  ];
  for (const [name, sound, is] of cases) t.equal(heard(sound)?.is, is, name);
  t.ok((heard(sit)?.atMs ?? Number.POSITIVE_INFINITY) <= 900, "known with the third tone");
  const state = startEarlyMedia();
  for (const length of [0, 1, 159, 161, 4000]) pushEarlyMedia(state, new Int16Array(length).fill(12_345));
  t.equal(state.nowMs, 100, "frames of another length break nothing");
});
