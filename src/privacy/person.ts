import { checkWhom, type Whom } from "../compliance/suppression.ts";
import { Fault } from "../kernel/fault.ts";

/** Who is known by so much is not one person. */
const mostNames = 50;
const longestReason = 500;

/** What there is of a person, by its kind; each row as it is kept. */
export type PersonRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** All that is known of somebody: `carillon.person/1`. */
export interface PersonExport {
  readonly format: "carillon.person/1";
  /** ISO 8601. */
  readonly exportedAt: string;
  /** What was asked for. */
  readonly asked: readonly Whom[];
  /** What they are known by: the numbers and mailboxes that nobody else on any list has. */
  readonly knownBy: readonly Whom[];
  readonly kinds: PersonRows;
}

export interface Erasure {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
  /** Under which hashes suppressions and consents still know them. */
  readonly subjects: readonly string[];
  /** What was taken out or away, by its kind. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Who orders an erasure; stands in the audit log. */
export interface ErasedBy {
  readonly kind: "user" | "key" | "terminal";
  readonly id?: string;
  readonly name: string;
  /** The address the request came from, or the name of the machine. */
  readonly origin: string;
}

export interface ErasureOrder {
  readonly whom: readonly Whom[];
  readonly reason: string;
  /** Also when what was named is several people: a household that shares a number. */
  readonly everybody: boolean;
  readonly by: ErasedBy;
}

/** @throws Fault `suppression-invalid`, `person-invalid` */
export function checkPerson(whom: readonly Whom[]): void {
  if (whom.length === 0 || whom.length > mostNames)
    throw new Fault("person-invalid", `Name somebody by 1 to ${mostNames} numbers, mailboxes and client ids.`);
  for (const each of whom) checkWhom(each);
}

/** @throws Fault `suppression-invalid`, `person-invalid` */
export function checkErasure({ whom, reason }: Pick<ErasureOrder, "whom" | "reason">): void {
  checkPerson(whom);
  if (reason.trim() === "" || reason.length > longestReason || /\p{Cc}/u.test(reason))
    throw new Fault("person-invalid", `Say why, in 1 to ${longestReason} characters that can be printed; name nobody in it: it is kept.`);
  const named = whom.find(({ value }) => reason.toLowerCase().includes(value.toLowerCase()) && value.length > 3);
  if (named !== undefined) throw new Fault("person-invalid", "The reason names the person; it is kept when all else is gone. Say it without.");
}

/** Client ids of different people: what was named is not one person. @throws Fault `person-ambiguous` */
export function checkOnePerson(clientIds: readonly string[], everybody: boolean): void {
  if (clientIds.length < 2 || everybody) return;
  const some = clientIds.slice(0, 5).join(", ");
  throw new Fault(
    "person-ambiguous",
    `Several people are known by that: client ids ${some}${clientIds.length > 5 ? ", …" : ""}. Name one by client id, or say that all of them are meant.`,
  );
}
