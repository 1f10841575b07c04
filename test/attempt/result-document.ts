import { type ResultFacts, resultNames, results } from "../../src/attempt/result.ts";
import { resultOf } from "../../src/voice/sip-status.ts";

/** What the numbers of the Genesys export are called there, as far as we use them. */
export const callResultNames: Readonly<Record<number, string>> = {
  0: "Ok",
  3: "General Error",
  5: "Remote Release",
  6: "Busy",
  7: "No Answer",
  8: "SIT",
  9: "Answering Machine",
  10: "All Trunks Busy",
  11: "SIT Invalid Number",
  17: "Fax",
  21: "Abandoned",
  26: "Dropped",
  28: "Unknown",
  32: "Silence",
  33: "Answer",
  43: "Switch Error",
  46: "Stale",
  51: "Do Not Call",
  52: "Cancel",
};

const head = `# Results

How an attempt ended is one word, the same in the database, the API, the metrics and the reports, on every channel. The table is \`src/attempt/result.ts\`; this
page is written from it, and a test keeps it so.

- *Person*: a live person was reached.
- *Counts*: the person may have noticed something, so it is to count under the frequency caps. An attempt with an answer time (\`answeredAt\`) counts whatever its result.
- *Final*: no later report can change it. \`sent\` moves on when a delivery report or a bounce arrives; so does \`interrupted\`, on SMS and e-mail. Nothing moves back.
- *call_result*: the number that stands for it in a Genesys Outbound export, so that a CRM which reads those goes on working.

Calls end as \`human\`, \`no-answer\`, \`busy\`, \`bad-number\`, \`rejected\`, \`congestion\`, \`carrier-fault\`, \`dropped\`, \`canceled\` or \`interrupted\`, and
with [answering-machine detection](campaigns.md#who-answers) as \`machine\`, \`machine-message\`, \`fax\`, \`sit\` or \`silence\`, which are \`human\` without it. The others are of SMS and
e-mail.

The API gives a \`reason\` beside the result (\`486 Busy Here; Q.850 17\`, \`ring time-out\`), with \`sipStatus\` and \`q850\`, and the *outcome*: the word with which
the script ended ([ivr.md](ivr.md)).

Whoever had answered when a server of ours went away ends as \`carrier-fault\` with its name in the reason, and keeps the time of the answer; as \`dropped\` when they had been connected to
somebody. Who was cut off in the last words of the script had come to its outcome, and ends as \`human\`. [After which results somebody is called again](campaigns.md#who-is-called-again) is up to the campaign.
`;

const sipHead = `
## From SIP to a result

What an INVITE that was not answered means is one table too, \`src/voice/sip-status.ts\`. It is asked in this order:

1. Did the far side say 487 because we had canceled? After the ring time-out it is \`no-answer\`; taken back by us (an opt-out, a stop of the server) it is \`canceled\`.
2. 486, 600, 603, 607 and 608 are the person's word, or that of whoever acts for them. No cause of a gateway overrules them.
3. A Q.850 cause in a Reason header (RFC 3326) tells more than the status of the gateway that translated it.
4. Otherwise the status decides.
`;

/** docs/results.md, whole. */
export function resultsDocument(): string {
  const rows = resultNames.map((name) => {
    const { channels, final, person, counts, callResult, meaning }: ResultFacts = results[name];
    const number = `${callResult} ${callResultNames[callResult] ?? "?"}`;
    return `| \`${name}\` | ${meaning} | ${channels.join(", ")} | ${yes(person)} | ${yes(counts)} | ${yes(final)} | ${number} |`;
  });
  const table = ["| Result | Meaning | Channels | Person | Counts | Final | call_result |", "|---|---|---|---|---|---|---|", ...rows];
  return [head, ...table, sipHead, ...statusTable(), "", "Every other status from 300 on: `carrier-fault`.", "", ...causeTable(), ""].join("\n");
}

function statusTable(): readonly string[] {
  const rows: string[] = [];
  for (let status = 300; status < 700; status += 1) {
    const quiet = resultOf({ status, phrase: "" }, { rang: false });
    const rang = resultOf({ status, phrase: "" }, { rang: true });
    const said = quiet === rang ? `\`${quiet}\`` : `\`${rang}\` when it rang, else \`${quiet}\``;
    if (quiet !== "carrier-fault" || rang !== quiet) rows.push(`| ${status} | ${said} |`);
  }
  return ["| SIP status | Result |", "|---|---|", ...rows];
}

function causeTable(): readonly string[] {
  const byResult = new Map<string, number[]>();
  for (let q850 = 1; q850 < 128; q850 += 1) {
    // A cause that says nothing leaves it to the status, and these two differ.
    const [one, other] = [404, 503].map((status) => resultOf({ status, phrase: "", q850 }, { rang: false }));
    if (one !== undefined && one === other) byResult.set(one, [...(byResult.get(one) ?? []), q850]);
  }
  const rows = [...byResult].map(([result, causes]) => `| ${causes.join(", ")} | \`${result}\` |`);
  return ["| Q.850 cause | Result |", "|---|---|", ...rows, "", "Any other cause says nothing, and the status decides."];
}

function yes(value: boolean): string {
  return value ? "yes" : "–";
}
