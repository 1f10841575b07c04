import { systemClock } from "../adapter/system/clock.ts";
import type { OwnCalendars } from "../compliance/calendar-ports.ts";
import { isTimeZone } from "../compliance/calling-window.ts";
import { isOwnCalendar } from "../compliance/holiday-calendar.ts";
import type { AddressKind } from "../contact/contact.ts";
import { Fault } from "../kernel/fault.ts";
import { silentLog } from "../kernel/log.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import type { Stores } from "../main.ts";
import { readCalendars } from "../start/calendars.ts";
import { type Chances, defaultChances, readChances } from "../strategy/simulate-chances.ts";
import { type SimulatedPerson, simulateStrategy } from "../strategy/simulate-strategy.ts";
import type { Strategy } from "../strategy/strategy.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { contentOf, readStrategyFile, versionOf } from "./strategy.ts";
import { simulationText } from "./strategy-words.ts";
import { openProgress } from "./terminal.ts";

export interface SimulateStrategyOptions extends CommonOptions {
  readonly list?: string;
  readonly contacts: number;
  readonly chances?: string;
  readonly start: string;
  readonly defaultTimeZone: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** Every person is held in memory while it runs. */
const mostContacts = 200_000;

/**
 * `carillon strategy simulate FILE|NAME`: how many contacts come to each pass, how attempts end, and when it is over; in virtual time.
 * @throws Fault `strategy-simulation` for an option that is out of its range, those of reading the strategy, `list-unknown`
 */
export async function simulateWhole(wanted: string, options: SimulateStrategyOptions): Promise<string> {
  const { contacts, defaultTimeZone, list } = options;
  const startAt = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(options.start) ? options.start : `${options.start}Z`);
  const refuse = (message: string) => new Fault("strategy-simulation", message);
  if (Number.isNaN(startAt)) throw refuse("--start: give a moment such as 2026-11-23T14:00Z.");
  if (contacts > mostContacts) throw refuse(`--contacts: at most ${mostContacts}; what they come to is what more of them do, but for the time.`);
  if (!isTimeZone(defaultTimeZone)) throw refuse("--default-time-zone: give a zone of the IANA database, such as America/Chicago.");
  const file = /[./]/.test(wanted) ? readStrategyFile(wanted).strategy : undefined;
  const run = (strategy: Strategy, people: (chances: Chances, random: Random) => readonly SimulatedPerson[], calendars?: OwnCalendars) => {
    const chances = options.chances === undefined ? defaultChances(strategy) : chancesOf(options.chances, strategy);
    const random = seededRandom(options.seed);
    const report = simulateStrategy({ strategy, calendars, people: people(chances, random), chances, random, startAt, defaultTimeZone });
    return options.json ? JSON.stringify(report, null, 2) : simulationText(report, startAt);
  };
  if (file && list === undefined && calendarsIn(file).length === 0) return run(file, (chances, random) => madeUp(contacts, chances, random));
  return await withStores(options, async (stores) => {
    const strategy = file ?? (await versionOf(stores, wanted, undefined)).strategy;
    const calendars = await readCalendars(stores.calendars, systemClock, silentLog);
    const missing = calendarsIn(strategy).find((name) => calendars.of(name) === undefined);
    if (missing !== undefined) throw refuse(`There is no calendar ${missing}; carillon calendar set makes one.`);
    if (list === undefined) return run(strategy, (chances, random) => madeUp(contacts, chances, random), calendars);
    const people = await peopleOf(stores, list, contacts);
    return run(strategy, () => people, calendars);
  });
}

/** Calendars of the account's own that its passes name. */
function calendarsIn({ passes }: Strategy): readonly string[] {
  return passes.flatMap(({ holidays = [] }) => holidays.filter(isOwnCalendar));
}

function chancesOf(file: string, strategy: Strategy): Chances {
  try {
    return readChances(contentOf(file), strategy);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "strategy-chances") throw error;
    throw new Fault(
      error.code,
      error.message
        .split("\n")
        .map((line) => `${file}:${line}`)
        .join("\n"),
    );
  }
}

/** Contacts who have addresses as often as the chances say, and no fields. */
function madeUp(count: number, { addresses }: Chances, random: Random): readonly SimulatedPerson[] {
  return Array.from({ length: count }, () => {
    const has = (["mobile", "landline", "email"] as const).filter((kind) => random.next() < addresses[kind]);
    return { addresses: has, fields: {} };
  });
}

/** The first contacts of a list. @throws Fault `list-unknown` */
async function peopleOf(stores: Pick<Stores, "lists">, name: string, most: number): Promise<readonly SimulatedPerson[]> {
  const list = await stores.lists.listByName(name);
  if (!list) throw new Fault("list-unknown", `There is no list ${name}; carillon lists has them.`);
  const people: SimulatedPerson[] = [];
  const progress = openProgress(process.stderr, () => systemClock.now());
  for (let afterId: string | undefined; people.length < most; ) {
    const limit = Math.min(1000, most - people.length);
    const page = await stores.lists.contacts(list.id, { limit, ...(afterId !== undefined && { afterId }) });
    for (const { addresses, fields, timeZone } of page)
      people.push({ addresses: addresses.map(({ kind }): AddressKind => kind), fields, ...(timeZone !== undefined && { timeZone }) });
    if (page.length < limit) break;
    afterId = page.at(-1)?.id;
    if (list.contacts > 5000) progress.show(`${people.length} of ${Math.min(most, list.contacts)} contacts read`);
  }
  progress.end();
  return people;
}
