import type { Result } from "../attempt/result.ts";
import { channelOf, unreachedOn } from "../strategy/endings.ts";
import { atTimeText } from "../strategy/read-at.ts";
import { durationText } from "../strategy/read-duration.ts";
import { windowText } from "../strategy/read-window.ts";
import type { SimulationReport } from "../strategy/simulate-strategy.ts";
import type { AttemptLimits, Besides, Ending, EventTreatment, Following, Pass, Strategy, Treatment } from "../strategy/strategy.ts";
import { tableText } from "./table.ts";
import { counted } from "./terminal.ts";

/** How a strategy goes, pass by pass, for a terminal. */
export function strategyText({ first, passes, limits, events }: Strategy): string {
  const lines = [`Everybody begins in ${first}${limitsText(limits)}.`];
  for (const pass of passes) {
    const by =
      "template" in pass ? `${pass.template}, from ${pass.sender}` : `${pass.script}, ${pass.mode}, over ${pass.trunk}, showing ${pass.callerId}`;
    lines.push("", `${pass.name}: ${pass.channel}, ${by}${limitsText(pass.limits)}`);
    const bounds = boundsText(pass);
    if (bounds !== "") lines.push(`  when: ${bounds}`);
    if (pass.whoElse.do !== "stop") lines.push(`  not meant, or no ${pass.addresses.join(" or ")} → ${treatmentText(pass.whoElse)}`);
    for (const [endings, following] of grouped(pass)) lines.push(`  ${endings} → ${followingText(following)}`);
  }
  const told = Object.entries(events).map(([name, event]) => `  ${name} → ${eventText(event)}`);
  return [...lines, ...(told.length > 0 ? ["", "events", ...told] : [])].join("\n");
}

/** `mon,tue 09:00-18:00; in the hours by the law of US-FL; not on US, 12-24; from 2026-12-01T00:00`: when it contacts people. */
function boundsText({ window, laws, holidays, begins, ends, lookups }: Pass): string {
  const bounds = [
    window && windowText(window),
    laws && `in the hours by the law of ${laws.join(", ")}`,
    holidays && `not on ${holidays.join(", ")}`,
    begins && `from ${begins}`,
    ends && `until ${ends}`,
    lookups && `after the look-ups ${lookups.join(", ")}`,
  ];
  return bounds.filter((text) => text !== undefined).join("; ");
}

/** Endings that have the same treatment in one line. */
function grouped({ after, channel }: Pass): readonly (readonly [endings: string, following: Following])[] {
  const groups = new Map<string, { endings: string[]; following: Following }>();
  for (const [ending, following] of Object.entries(after) as [Ending, Following][]) {
    const key = followingText(following);
    const group = groups.get(key) ?? { endings: [], following };
    group.endings.push(ending);
    groups.set(key, group);
  }
  const all = unreachedOn(channelOf(channel));
  return [...groups.values()].map(({ endings, following }) => {
    const whole = endings.length === all.length && all.every((each) => endings.includes(each));
    return [whole ? "unreached" : endings.join(", "), following];
  });
}

function followingText({ treatments, besides }: Following): string {
  const one = [...besides.map(treatmentText), treatments.map(treatmentText).join(", else ")];
  return one.filter((text) => text !== "").join("; ");
}

function treatmentText(treatment: Treatment | Besides): string {
  const wait = "afterS" in treatment && treatment.afterS > 0 ? ` after ${durationText(treatment.afterS)}` : "";
  const after = "at" in treatment && treatment.at !== undefined ? `${wait} ${atTimeText(treatment.at)}` : wait;
  switch (treatment.do) {
    case "retry":
      return `again${after}, ${counted(treatment.atMost, "time")} at most`;
    case "next-address":
      return `next address${after}`;
    case "pass":
      return `${treatment.pass}${after}`;
    case "begin-pass":
      return `also ${treatment.pass}${after}`;
    case "campaign":
      return `campaign ${treatment.campaign}${after}`;
    case "begin-campaign":
      return `also campaign ${treatment.campaign}${after}`;
    case "callback":
      return `${treatment.personal ? "personal " : ""}callback by ${treatment.agents}${after}`;
    case "webhook":
      return `tell ${treatment.webhook}`;
    case "stop":
      return "stop";
  }
}

function eventText(event: EventTreatment): string {
  return event.do === "stop" ? "stop" : treatmentText(event);
}

function limitsText({ perContact, perAddress }: AttemptLimits): string {
  const parts = [perContact !== undefined && `${perContact} for each contact`, perAddress !== undefined && `${perAddress} for each address`];
  const told = parts.filter((part) => part !== false).join(", ");
  return told === "" ? "" : `; attempts at most: ${told}`;
}

/** What a simulation came to, for a terminal. Times count from its start. */
export function simulationText(report: SimulationReport, startAt: number): string {
  const since = (at: number | undefined) => (at === undefined ? "" : durationText((at - startAt) / 1000));
  const passes = report.passes.map(({ name, channel, people, notMeant, attempts, firstAt, lastAt, waiting, results }) => [
    name,
    channel,
    String(people),
    String(notMeant),
    String(attempts),
    since(firstAt),
    waiting > 0 ? `${waiting} wait` : since(lastAt),
    resultsText(results),
  ]);
  const ways = report.ways.map(({ from, after, to, people }) => [from || "event", after, to, String(people)]);
  const events = report.events.map(({ name, people }) => `${name}: ${people}`);
  return [
    tableText(["PASS", "CHANNEL", "PEOPLE", "NOT MEANT", "ATTEMPTS", "FROM", "UNTIL", "RESULTS"], passes),
    ...(ways.length > 0 ? ["", tableText(["OUT OF", "AFTER", "INTO", "PEOPLE"], ways)] : []),
    ...(events.length > 0 ? ["", `Events: ${events.join(", ")}.`] : []),
    "",
    `${counted(report.people, "contact")}: ${report.reached} reached, ${report.untried} never tried; ${counted(report.attempts, "attempt")}; all done after ${since(report.endAt)}.`,
  ].join("\n");
}

function resultsText(results: Readonly<Partial<Record<Result, number>>>): string {
  return Object.entries(results)
    .toSorted(([, a], [, b]) => b - a)
    .map(([result, number]) => `${result} ${number}`)
    .join(", ");
}
