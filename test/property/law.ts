import type { NewContact } from "../../src/contact/contact.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { isOpen } from "./people.ts";
import { wallClock } from "./time.ts";

/* Hours that the law leaves, for runs in which it is kept: written apart from calling-hours.json, for some area codes of the United States. */

interface Law {
  readonly zone: string;
  /** Minutes of the day, by ISO weekday. */
  hours(weekday: number): readonly [startMinute: number, endMinute: number];
}

/** 47 CFR 64.1200(c)(1): 8 a.m. to 9 p.m.; Florida (501.059(8)(b)) ends at 8 p.m.; Texas (Bus. & Com. Code 302.101) begins at 9 a.m., on Sundays at noon. */
const federal = () => [8 * 60, 21 * 60] as const;
const laws: Readonly<Record<string, Law>> = {
  "212": { zone: "America/New_York", hours: federal },
  "312": { zone: "America/Chicago", hours: federal },
  "480": { zone: "America/Phoenix", hours: federal },
  "808": { zone: "Pacific/Honolulu", hours: federal },
  "813": { zone: "America/New_York", hours: () => [8 * 60, 20 * 60] },
  "214": { zone: "America/Chicago", hours: (weekday) => [(weekday === 7 ? 12 : 9) * 60, 21 * 60] },
};

export const areaCodes = Object.keys(laws);

/** Where somebody is, and whether they may be contacted there by a campaign: in its hours, and in those of the law where it is kept and holds. */
export class Whereabouts {
  /** Whether the law is kept. */
  readonly law: boolean;

  constructor(law: boolean) {
    this.law = law;
  }

  /** @param address undefined: that of the person; people have numbers of one area code */
  isOpen(at: number, person: NewContact, campaign: Campaign, address = numberOf(person)): boolean | undefined {
    return this.isOpenInOwn(at, person, campaign, address) === undefined
      ? undefined
      : this.isOpenInOwn(at, person, campaign, address) === true && this.isLawful(at, person, campaign, address);
  }

  /** In the campaign's own hours alone; undefined where nobody knows what the clock shows. */
  isOpenInOwn(at: number, person: NewContact, campaign: Campaign, address = numberOf(person)): boolean | undefined {
    return isOpen(at, this.#zone(person, campaign, address), campaign.window);
  }

  isLawful(at: number, person: NewContact, campaign: Campaign, address = numberOf(person)): boolean {
    const law = this.#lawOf(address, campaign);
    if (!law) return true;
    const { weekday, minute } = wallClock(at, this.#zone(person, campaign, address));
    const [start, end] = law.hours(weekday);
    return minute >= start && minute < end;
  }

  /** Whether no minute of the week is open by both. */
  neverOpens(person: NewContact, campaign: Campaign): boolean {
    const { startMinute, endMinute, weekdays } = campaign.window;
    const law = this.#lawOf(numberOf(person), campaign);
    return weekdays.every((weekday) => {
      const [start, end] = law?.hours(weekday) ?? [0, 1440];
      return Math.max(start, startMinute) >= Math.min(end, endMinute);
    });
  }

  #zone({ timeZone }: NewContact, campaign: Campaign, address: string): string {
    return timeZone ?? this.#lawOf(address, campaign)?.zone ?? campaign.defaultTimeZone;
  }

  /** For calls and texts. */
  #lawOf(address: string, { channel }: Campaign): Law | undefined {
    return this.law && channel !== "email" ? laws[address.slice(2, 5)] : undefined;
  }
}

function numberOf({ addresses }: NewContact): string {
  return addresses.flatMap((address) => ("number" in address ? address.number : []))[0] ?? "";
}
