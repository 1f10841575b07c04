/** How ids are written: as in the answer to the submit, in decimal, or with zeros before it. */
export type IdForm = "same" | "decimal" | "padded";

/** A report of delivery that the SMSC makes of a message. */
export interface ReportPlan {
  /** As in `stat:` (SMPP 3.4 Appendix B). */
  readonly stat: "DELIVRD" | "UNDELIV" | "EXPIRED" | "REJECTD" | "DELETED" | "UNKNOWN" | "ENROUTE" | "ACCEPTD";
  readonly err?: string;
  /** After the message was taken; ms, at pace 1. */
  readonly afterMs: number;
  /** Overtakes the answer to the submit. */
  readonly early?: boolean;
  readonly idForm?: IdForm;
  /** Brought so often. Default once. */
  readonly times?: number;
}

/** What the SMSC and the person at a number do with a message. */
export interface SmsPersona {
  /** One line for people. */
  readonly about: string;
  /** command_status of the answer; 0 takes it. */
  readonly status?: number;
  /** That status only for so long after the first message; ms, not scaled by pace. */
  readonly statusForMs?: number;
  /** What comes instead of an answer; the message has been taken. */
  readonly instead?: "nothing" | "close";
  readonly reports?: readonly ReportPlan[];
  /** What the person writes back, each a message of its own. */
  readonly says?: readonly string[];
  /** The parts of a long one come out of order. */
  readonly shuffled?: boolean;
}

const delivered: ReportPlan = { stat: "DELIVRD", afterMs: 50 };

/** The people and troubles at the lab's SMSC, by name. */
export const smsCast = {
  delivered: { about: "gets it", reports: [delivered] },
  undeliverable: { about: "cannot be reached for good", reports: [{ stat: "UNDELIV", err: "001", afterMs: 80 }] },
  expired: { about: "was off for too long", reports: [{ stat: "EXPIRED", err: "027", afterMs: 400 }] },
  "rejected-later": { about: "the network refuses it after it was taken", reports: [{ stat: "REJECTD", err: "065", afterMs: 60 }] },
  "under-way": {
    about: "gets it, and the way there is reported too",
    reports: [
      { stat: "ENROUTE", afterMs: 20 },
      { ...delivered, afterMs: 120 },
    ],
  },
  "bad-number": { about: "no number at all: ESME_RINVDSTADR", status: 0x0b },
  throttled: { about: "ESME_RTHROTTLED for a second, then gets it", status: 0x58, statusForMs: 1000, reports: [delivered] },
  "queue-full": { about: "ESME_RMSGQFUL for a second, then gets it", status: 0x14, statusForMs: 1000, reports: [delivered] },
  "early-report": { about: "the report overtakes the answer to the submit", reports: [{ ...delivered, afterMs: 0, early: true }] },
  "repeated-report": { about: "the report comes three times", reports: [{ ...delivered, times: 3 }] },
  "late-report": { about: "the report comes after a while", reports: [{ ...delivered, afterMs: 3000 }] },
  "decimal-report": { about: "the id of the report is decimal, that of the answer hexadecimal", reports: [{ ...delivered, idForm: "decimal" }] },
  "padded-report": { about: "the id of the report has zeros before it", reports: [{ ...delivered, idForm: "padded" }] },
  "no-report": { about: "gets it, and nobody says so" },
  "no-answer": { about: "the submit is taken and never answered; the report comes", instead: "nothing", reports: [{ ...delivered, afterMs: 200 }] },
  drops: { about: "the submit is taken and the connection closed; the report comes", instead: "close", reports: [{ ...delivered, afterMs: 200 }] },
  "says-stop": { about: "wants no more", reports: [delivered], says: ["STOP"] },
  "says-help": { about: "asks who that is", reports: [delivered], says: ["Help"] },
  "says-start": { about: "wants more", reports: [delivered], says: ["start"] },
  "stops-and-starts": { about: "wants no more, then changes their mind", reports: [delivered], says: ["Stop!", "START"] },
  "says-thanks": { about: "writes a word of thanks", reports: [delivered], says: ["Thank you, will pay on Friday"] },
  "says-much": {
    about: "writes a long text in parts that come out of order",
    reports: [delivered],
    says: [`${"I have paid that already, and told your colleague so. ".repeat(8)}Please look again.`],
    shuffled: true,
  },
  "says-cyrillic": { about: "writes in letters that need UCS-2", reports: [delivered], says: ["Спасибо, я уже заплатил"] },
  "sender-refused": { about: "is beyond an operator that does not take our sender: ESME_RINVSRCADR", status: 0x0a },
} as const satisfies Record<string, SmsPersona>;

export type SmsPersonaName = keyof typeof smsCast;

/** Numbers that end in 97 and these two digits have a fixed persona, so that a person can try a behaviour by hand. */
export const smsSuffixes: Readonly<Record<string, SmsPersonaName>> = Object.fromEntries(
  (Object.keys(smsCast) as SmsPersonaName[]).map((name, at) => [`97${String(at + 1).padStart(2, "0")}`, name]),
);

/** What a campaign meets on an ordinary afternoon; shares need not add up to anything. */
export const ordinarySmsMix: Readonly<Record<string, number>> = {
  delivered: 80,
  undeliverable: 5,
  expired: 2,
  "bad-number": 2,
  "early-report": 2,
  "repeated-report": 1,
  "no-report": 2,
  "says-thanks": 2,
  "says-stop": 3,
  "says-much": 1,
};
