import { type ChannelName, isResult } from "../attempt/result.ts";
import { retryRefused } from "../attempt/treatment.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { edgesOf, endlessLoops, unreachedPasses } from "./check-loops.ts";
import { channelOf, followRefused, nextAddressRefused, passRefused } from "./endings.ts";
import { unreachedKey, type Written } from "./read-after.ts";
import { quoted, type Reading } from "./read-values.ts";
import type { Ending, Pass, Strategy, Treatment } from "./strategy.ts";

/**
 * What cannot be seen by looking at one value: where treatments lead, whether each of them can come to its turn, whether every pass is reached, and whether it all ends.
 * @param written by the name of the pass
 */
export function checkStrategy(reading: Reading, strategy: Strategy, written: ReadonlyMap<string, readonly Written[]>): void {
  const names = strategy.passes.map(({ name }) => name);
  const known = (name: string, pointer: string) => {
    if (names.includes(name) || name === "") return;
    reading.wrong(pointer, `There is no pass ${quoted(name)}. ${reading.meant(name, names)}`);
  };
  for (const pass of strategy.passes) {
    for (const following of written.get(pass.name) ?? []) {
      for (const { treatment, pointer } of [...following.treatments, ...following.besides])
        if ("pass" in treatment) known(treatment.pass, pointerTo(pointer, treatment.do === "pass" ? "pass" : "also"));
      for (const { treatment, pointer } of following.besides) {
        if (treatment.do !== "callback") continue;
        const at = pointerTo(pointer, "callback");
        known(treatment.agents, at);
        const { channel = "voice-agent" } = strategy.passes.find(({ name }) => name === treatment.agents) ?? {};
        if (channel !== "voice-agent")
          reading.wrong(at, `Agents call back, and ${treatment.agents} is a pass by ${channel}; take one by voice-agent.`);
      }
      checkFollowing(reading, strategy, pass, following);
    }
    if (pass.whoElse.do === "pass") known(pass.whoElse.pass, pointerTo(pointerTo(pointerTo("/passes", pass.name), "who_else"), "pass"));
  }
  for (const [event, treatment] of Object.entries(strategy.events))
    if (treatment.do === "pass") known(treatment.pass, pointerTo(pointerTo("/events", event), "pass"));
  // Whatever leads nowhere would be said twice.
  if (reading.faults.length > 0) return;
  const edges = edgesOf(strategy, written);
  for (const { from, to, pointer, attempted } of edges)
    if (from === to && !attempted)
      reading.wrong(pointer, `Those whom ${from} does not mean would come to ${from} again, for ever. Write stop, or another pass.`);
  for (const name of unreachedPasses(strategy, edges, calledBackFrom(written)))
    reading.wrong(pointerTo("/passes", name), `Nobody ever comes to ${name}: it is not the first pass, and no treatment and no event leads to it.`);
  for (const { circle, edge } of endlessLoops(strategy, edges)) {
    const round = circle.join(" → ");
    const skipped = strategy.limits.perContact !== undefined;
    const why = skipped
      ? "Whoever is not meant goes on without an attempt: write stop for who_else of one of them."
      : "Give the strategy limits: { per_contact: 10 }, or one of these passes.";
    reading.wrong(edge.pointer, `This goes round for ever: ${round}, and no limit on attempts ends it. ${why}`);
  }
}

function checkFollowing(reading: Reading, strategy: Strategy, pass: Pass, { endings, pointer, treatments, besides }: Written): void {
  const [ending] = endings;
  // What stands for several is looked at with those for which it holds (read-after.ts).
  if (ending !== undefined && !pointer.endsWith(`/${unreachedKey}`)) {
    const nothing = followRefused(ending);
    if (nothing !== undefined) {
      if (treatments.some(({ treatment }) => treatment.do !== "stop") || besides.length > 0) reading.wrong(pointer, `${capital(nothing)}.`);
      return;
    }
    for (const { treatment, pointer: at } of [...treatments, ...besides]) {
      const refused = treatmentRefused(strategy, pass, ending, treatment, channelOf(pass.channel));
      if (refused !== undefined) reading.wrong(at, `${capital(refused)}.`);
    }
  } else
    for (const { treatment, pointer: at } of [...treatments, ...besides])
      if ("pass" in treatment && treatment.pass === pass.name)
        reading.wrong(at, `This is the pass ${pass.name} itself; to try again is written { retry: 20 min, at_most: 3 }.`);
  for (const [index, { treatment, pointer: at }] of treatments.entries()) {
    const before = treatments.slice(0, index).find((earlier) => always(strategy, earlier.treatment));
    if (before === undefined) continue;
    const why = before.treatment.do === "stop" ? "stop ends it" : `what stands before it (${wordsOf(before.treatment)}) can always be done`;
    reading.wrong(at, `It never comes to this: ${why}. Take ${wordsOf(treatment)} out, or put it first.`);
  }
}

/** Passes whose agents call people back: nothing follows such a call but what is said there, so they end every way. */
function calledBackFrom(written: ReadonlyMap<string, readonly Written[]>): readonly string[] {
  const besides = [...written.values()].flat().flatMap((following) => following.besides);
  return besides.flatMap(({ treatment }) => (treatment.do === "callback" ? [treatment.agents] : []));
}

function treatmentRefused(
  { passes }: Strategy,
  from: Pass,
  ending: Ending,
  treatment: Written["treatments"][number]["treatment"] | Written["besides"][number]["treatment"],
  channel: ChannelName,
): string | undefined {
  if (treatment.do === "retry") return isResult(ending) ? retryRefused(ending, treatment, channel) : undefined;
  if (treatment.do === "next-address") return nextAddressRefused(ending);
  if (treatment.do === "callback" && ending === "rejected" && channel === "voice") return "whoever declined a call is not called back";
  if (!("pass" in treatment)) return undefined;
  const to = passes.find(({ name }) => name === treatment.pass);
  return to && passRefused(ending, from, to);
}

/** Whether nothing that stands behind it comes to its turn. What a limit on attempts may forbid leaves room for what comes after. */
function always({ passes, limits }: Strategy, treatment: Treatment): boolean {
  if (treatment.do === "stop") return true;
  if (treatment.at !== undefined && "field" in treatment.at) return false;
  if (treatment.do === "campaign") return true;
  if (treatment.do !== "pass") return false;
  return limits.perContact === undefined && passes.every(({ name, limits: own }) => name !== treatment.pass || own.perContact === undefined);
}

function wordsOf(treatment: Treatment): string {
  if (treatment.do === "pass") return `pass: ${treatment.pass}`;
  return treatment.do === "campaign" ? `campaign: ${treatment.campaign}` : treatment.do.replace("-", "_");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
