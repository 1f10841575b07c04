import type { ListedFields, MessageTemplate } from "../template/ports.ts";
import type { Fields } from "../template/template.ts";
import { previewMessage, type Shown } from "./preview.ts";
import type { Extent, SegmentOptions } from "./segment.ts";

/** One contact of a list who is worth telling of. */
export interface Named {
  readonly contactId: string;
  readonly clientId?: string;
}

/** What a template comes to over a whole list. */
export interface ListReport {
  readonly contacts: number;
  /** Who would get it. */
  readonly ready: number;
  /** Who has no address of the channel. */
  readonly unreachable: number;
  /** Who would get nothing, and the first of them with the reason. */
  readonly held: { readonly contacts: number; readonly first: readonly (Named & { readonly reason: string })[] };
  /** Fields that are missing or blank, and for how many; most first. */
  readonly lacks: readonly { readonly field: string; readonly contacts: number }[];
  /** The one that costs most, of several the longest. Of e-mail the longest. */
  readonly worst?: Named & Partial<Extent> & { readonly text: string };
  readonly sms?: {
    /** All that would be sent: what it costs. */
    readonly segments: number;
    /** How many contacts get one, two, … segments. */
    readonly bySegments: Readonly<Record<string, number>>;
    readonly ucs2: { readonly contacts: number; readonly characters: readonly { readonly character: string; readonly contacts: number }[] };
  };
}

/** Whom the report names, and how many characters. */
const mostNamed = 5;
const mostCharacters = 20;
/** Different ones that are counted: a list may hold anything, and the memory for it has an end. */
const mostCounted = 1000;

/** Counts a template over a list, contact by contact; its memory does not grow with the list. */
export class ListTally {
  readonly #template: MessageTemplate;
  readonly #options: SegmentOptions;
  readonly #shown: Shown | undefined;
  #contacts = 0;
  #ready = 0;
  #unreachable = 0;
  #held = 0;
  #segments = 0;
  #wide = 0;
  /** Units of the worst, or characters. */
  #longest = 0;
  #worst: (Named & Partial<Extent> & { readonly text: string }) | undefined;
  readonly #first: (Named & { readonly reason: string })[] = [];
  readonly #lacks = new Map<string, number>();
  readonly #characters = new Map<string, number>();
  readonly #bySegments = new Map<number, number>();

  /** @param shown for whoever does not see all of them: what is told of one of them */
  constructor(template: MessageTemplate, options: SegmentOptions, shown?: Shown) {
    this.#template = template;
    this.#options = options;
    this.#shown = shown;
  }

  add({ id, clientId, fields, reachable }: ListedFields): void {
    this.#contacts += 1;
    if (!reachable) {
      this.#unreachable += 1;
      return;
    }
    const named = { contactId: id, ...(clientId !== undefined && { clientId }) };
    const preview = previewMessage(this.#template, fields, this.#options);
    if ("held" in preview) {
      this.#held += 1;
      for (const field of preview.lacks) count(this.#lacks, field);
      if (this.#first.length < mostNamed) this.#first.push({ ...named, reason: this.#told(fields, preview.held) });
      return;
    }
    this.#ready += 1;
    const { sms } = preview;
    const text = preview.text ?? preview.html ?? "";
    const { segments = 0, units = text.length } = sms ?? {};
    const most = this.#worst?.segments ?? 0;
    if (!this.#worst || segments > most || (segments === most && units > this.#longest)) {
      this.#longest = units;
      this.#worst = { ...named, text: this.#told(fields, text), ...(sms && { segments, units, encoding: sms.encoding }) };
    }
    if (!sms) return;
    this.#segments += segments;
    count(this.#bySegments, segments);
    if (sms.encoding === "gsm") return;
    this.#wide += 1;
    for (const character of sms.forcing)
      if (this.#characters.has(character) || this.#characters.size < mostCounted) count(this.#characters, character);
  }

  /** What is told of one of them: why they would get nothing, or the text. */
  #told(fields: Fields, whole: string): string {
    if (this.#shown === undefined) return whole;
    const seen = previewMessage(this.#template, fields, this.#options, this.#shown);
    return "held" in seen ? seen.held : (seen.text ?? seen.html ?? this.#shown.instead);
  }

  report(): ListReport {
    const lacks = most(this.#lacks).map(([field, contacts]) => ({ field, contacts }));
    const characters = most(this.#characters)
      .slice(0, mostCharacters)
      .map(([character, contacts]) => ({ character, contacts }));
    const bySegments = Object.fromEntries(
      [...this.#bySegments].toSorted(([a], [b]) => a - b).map(([segments, contacts]) => [String(segments), contacts]),
    );
    return {
      contacts: this.#contacts,
      ready: this.#ready,
      unreachable: this.#unreachable,
      held: { contacts: this.#held, first: this.#first },
      lacks,
      ...(this.#worst && { worst: this.#worst }),
      ...(this.#template.channel === "sms" && { sms: { segments: this.#segments, bySegments, ucs2: { contacts: this.#wide, characters } } }),
    };
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function most<Key>(counts: ReadonlyMap<Key, number>): (readonly [Key, number])[] {
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
