import type { Bench } from "./bench.ts";
import { verdictLine } from "./gates.ts";

/* npm run bench -- NAME. Each benchmark prints its table; here comes the last line and the exit code. */

const benches: Readonly<Record<string, { readonly about: string; load(): Promise<{ readonly bench: Bench }> }>> = {
  agents: {
    about: "twenty agents over the WebSocket on real calls in the lab, everything told from the wire (about 9 minutes; --seconds N: shorter)",
    load: () => import("./agents.ts"),
  },
  amd: {
    about: "answering-machine detection on a labelled corpus, against app_amd's rules (builds the corpus first, a few minutes)",
    load: () => import("./amd.ts"),
  },
  api: {
    about: "the ten most used routes, against bare Fastify routes that read the same (a minute and a half at most; --requests N, --rounds N)",
    load: () => import("./api.ts"),
  },
  calls: {
    about: "CPU, memory, pace, overload and answer-to-prompt time of calls, against a bare drachtio-srf/fsmrf loop (about 5 minutes)",
    load: () => import("./calls.ts"),
  },
  claim: {
    about: "contacts claimed, tried, ended and put back, against a bare pg loop, at 10 k, 1 M and 10 M (about 8 minutes; --sizes, --rounds, --hold)",
    load: () => import("./claim.ts"),
  },
  email: {
    about:
      "personalised e-mail with the database on, against bare pooled nodemailer composing each, to the same sink (about 2 minutes; --messages N)",
    load: () => import("./email.ts"),
  },
  gate: {
    about: "the gate's decisions for 100 contacts at a time with their facts, against the bare SQL that loads them (some seconds)",
    load: () => import("./gate.ts"),
  },
  import: {
    about: "a list of 1,000,000 rows × 12 columns, checked and normalised, against a plain COPY of it (about 3 minutes; --rows N, --rounds N)",
    load: () => import("./import.ts"),
  },
  ivr: {
    about: "CPU per step of scripts and memory per session, in 10 and in 1,000 sessions at once (about half a minute)",
    load: () => import("./ivr.ts"),
  },
  pacing: {
    about: "agents kept busy and people abandoned, by the pacer and three others, in simulated days (about 10 minutes; --quick: some seconds)",
    load: () => import("./pacing.ts"),
  },
  partition: {
    about: "a year of attempts in one table, against twelve partitions by month (about 2 minutes, 5 GB; --rows N)",
    load: () => import("./partition.ts"),
  },
  promises: {
    about: "1,000 random campaigns over 100,000 contacts in virtual time: none of the promises broken (some 10 minutes; --runs N: fewer)",
    load: () => import("./promises.ts"),
  },
  "promises-messaging": {
    about: "100,000 messages by SMS while server and SMSC are killed: none twice, nothing lost (some minutes; --messages N: fewer)",
    load: () => import("./promises-messaging.ts"),
  },
  report: {
    about: "what dashboard and monthly report cost at 100 k, 5 M and 50 M attempts (about 20 minutes, 20 GB; --sizes, --rounds)",
    load: () => import("./report.ts"),
  },
  sms: {
    about:
      "messages with reports over SMPP, database on, against a bare smpp client, windows 10, 50 and 100 (about 2 minutes; --messages N, --rounds N)",
    load: () => import("./sms.ts"),
  },
};

const name = process.argv[2];
const known = Object.entries(benches).map(([bench, { about }]) => `  ${bench.padEnd(18)} ${about}`);
const wanted = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;
if (name === undefined) {
  console.log(["usage: npm run bench -- NAME", ...known].join("\n"));
} else if (!wanted) {
  console.error([`There is no benchmark "${name}". There are:`, ...known].join("\n"));
  process.exitCode = 2;
} else {
  const { bench } = await wanted.load();
  const gates = await bench((text) => console.log(text), process.argv.slice(3));
  console.log(verdictLine(name, gates));
  process.exitCode = gates.every(({ pass }) => pass) ? 0 : 1;
}
