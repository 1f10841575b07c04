import type { ChannelName } from "../attempt/result.ts";
import type { DoNotCallOptions } from "./options.ts";
import type { SuppressionList } from "./suppression.ts";

/** A list that a state keeps of those who want no calls that sell something. */
export interface NationalList {
  readonly kind: DoNotCallOptions["required"][number];
  readonly title: string;
  /** ISO 3166-1 codes of the countries whose numbers stand on it. */
  readonly countries: readonly string[];
  /** E.164, with +: how all of these numbers begin. */
  readonly prefix: string;
  readonly channels: readonly ChannelName[];
  /** Data older than so many days may not be called by. */
  readonly maxAgeDays: number;
  readonly source: string;
}

const nanp = ["US", "PR", "VI", "GU", "AS", "MP"];

/** Texts to mobiles count as calls in the US (47 CFR 64.1200(e); 89 FR 5098). Where a state says nothing of the age, the federal one is taken. */
export const nationalLists: readonly NationalList[] = [
  {
    ...{ kind: "us-national", title: "the US National Do Not Call Registry", countries: nanp, prefix: "+1", channels: ["voice", "sms"] },
    ...{ maxAgeDays: 31, source: "16 CFR 310.4(b)(3)(iv); 47 CFR 64.1200(c)(2)(i)(D)" },
  },
  {
    ...{ kind: "us-state", title: "the do-not-call list of a US state", countries: ["US"], prefix: "+1", channels: ["voice", "sms"] },
    ...{ maxAgeDays: 31, source: "as the federal registry, where the state gives no period of its own" },
  },
  {
    ...{ kind: "ca-national", title: "the Canadian National Do Not Call List", countries: ["CA"], prefix: "+1", channels: ["voice"] },
    ...{ maxAgeDays: 31, source: "CRTC Unsolicited Telecommunications Rules, part II" },
  },
  {
    ...{ kind: "uk-tps", title: "the UK Telephone Preference Service", countries: ["GB"], prefix: "+44", channels: ["voice"] },
    ...{ maxAgeDays: 28, source: "Privacy and Electronic Communications Regulations 2003 (SI 2003/2426), reg. 21(1)(b), (3)" },
  },
  {
    ...{ kind: "uk-ctps", title: "the UK Corporate Telephone Preference Service", countries: ["GB"], prefix: "+44", channels: ["voice"] },
    ...{ maxAgeDays: 28, source: "Privacy and Electronic Communications Regulations 2003 (SI 2003/2426), reg. 21(1)(b), (3)" },
  },
];

/** Of a list of that kind: the channels that it is about, and the country of numbers that are written without one. Of any other: every channel, and no country. */
export function usualOf(kind: string | undefined): { readonly channels: readonly ChannelName[]; readonly country: string | undefined } {
  const national = nationalLists.find((each) => each.kind === kind);
  return { channels: national?.channels ?? [], country: national?.countries[0] };
}

export const nationalListKinds: readonly string[] = nationalLists.map(({ kind }) => kind);

/** A list of that kind by which nobody may be called now, and what to do. */
export interface UnusableList extends Pick<NationalList, "kind" | "countries" | "prefix" | "channels"> {
  readonly why: string;
}

const dayMs = 86_400_000;

/**
 * The national lists that are too old, were never loaded, or are missing though the account wants them.
 * @param now epoch ms
 * @param lists all suppression lists
 */
export function unusableLists(now: number, lists: readonly SuppressionList[], options: DoNotCallOptions): readonly UnusableList[] {
  return nationalLists.flatMap((national) => {
    const { kind, title, countries, prefix, channels } = national;
    const maxDays = options.ages.find((age) => age.kind === kind)?.days ?? national.maxAgeDays;
    const there = lists.filter((list) => list.kind === kind);
    const found = { kind, countries, prefix, channels };
    if (there.length === 0) {
      if (!options.required.includes(kind)) return [];
      const how = `make a suppression list with --kind ${kind} and load the data into it`;
      return [{ ...found, why: `${title} is needed (doNotCall.required) and not there: ${how}` }];
    }
    return there.flatMap(({ name, loaded }) => {
      if (loaded === undefined) return [{ ...found, why: `list ${name} (${title}) was never loaded: load its data, with their date` }];
      const day = loaded.dated ?? new Date(loaded.at).toISOString().slice(0, 10);
      const ageDays = Math.floor((now - Date.parse(`${day}T00:00:00Z`)) / dayMs);
      if (ageDays <= maxDays) return [];
      const why = `list ${name} (${title}) is of ${day}, ${ageDays} days old; ${maxDays} are allowed (${national.source}): load newer data`;
      return [{ ...found, why }];
    });
  });
}
