import { once } from "node:events";
import { type Command, Option } from "commander";
import { channelNames } from "../attempt/result.ts";
import { consentKinds } from "../compliance/consent.ts";
import { nationalListKinds } from "../compliance/do-not-call.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./suppression.ts");
const loadConsent = () => import("./consent.ts");
const channel = (about: string) => new Option("--channel <name>", about).choices([...channelNames]);

/** The commands about who must not be contacted, and who agreed to be. */
export function addSuppressionCommands(program: Command, campaign: Command, command: MakeCommand): void {
  const suppression = program
    .command("suppression")
    .description("who must not be contacted; WHOM is a number with its +, a mailbox, or else a client id");
  command(suppression, "lists", "the suppression lists")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).showSuppressionLists(options)));
  command(suppression, "create <name>", "make a list of whom nobody may contact")
    .requiredOption("--reason <text>", "why, for entries that say nothing themselves")
    .option("--optional", "only campaigns that name it heed it (default: every campaign does)")
    .addOption(
      new Option("--channel <name...>", "only on these channels (default: those of a national list, else every one)").choices([...channelNames]),
    )
    .addOption(new Option("--kind <kind>", "which national do-not-call list it is").choices([...nationalListKinds]))
    .action(async (name, options) => console.log(await (await load()).createSuppressionList(name, options)));
  command(suppression, "load <file>", "load a file into a list: CSV, one column of numbers or mailboxes, or area code and seven digits")
    .requiredOption("--list <name>", "the list")
    .option("--replace", "end what the file has no more (default: add to what is there)")
    .option("--dated <day>", "the day its data is of, as 2026-11-30 (default: today)")
    .option("--country <code>", "country of numbers without a country code, such as US (default: that of a national list)")
    .option("--rejects <file>", "where rows that cannot be used are written (default: beside FILE)")
    .action(async (file, options) => console.log(await (await load()).loadSuppressionFile(file, options)));
  command(suppression, "add <whom>", "suppress somebody at once; what rings at them is taken back")
    .requiredOption("--reason <text>", "why")
    .option("--list <name>", "put them on this list")
    .option("--campaign <name>", "for this campaign alone")
    .addOption(channel("on this channel alone"))
    .option("--until <day>", "until when, as 2026-12-31 (default: without end)")
    .action(async (whom, options) => console.log(await (await load()).suppress(whom, options)));
  command(suppression, "search <whom>", "why somebody is suppressed, or was")
    .option("--json", "as JSON, for programs")
    .action(async (whom, options) => console.log(await (await load()).searchSuppressions(whom, options)));
  command(suppression, "end <id>", "end a suppression before its time; it stays as evidence")
    .requiredOption("--reason <text>", "why")
    .action(async (id, options) => console.log(await (await load()).endSuppression(id, options)));
  command(suppression, "export <name>", "write what a list holds to standard output, as CSV").action(async (name, options) => {
    const write = async (text: string) => {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    };
    await (await load()).exportSuppressions(name, options, write);
  });

  const consent = program
    .command("consent")
    .description("who agreed to be contacted, and who took it back: a chain of records that is never changed");
  const record = (usage: string, about: string) =>
    command(consent, usage, about)
      .requiredOption("--source <text>", "how it came: a form, a call, a letter")
      .addOption(channel("for this channel alone"))
      .option("--obtained <time>", "when they said it, as 2026-11-30 or 2026-11-30T14:00:00Z (default: now)")
      .option("--proof <text>", "their words, or where the proof is kept");
  record("add <whom>", "record a consent")
    .requiredOption("--purpose <word>", "what they agreed to, such as marketing")
    .option("--until <day>", "until when it holds (default: without end)")
    .option("--relationship", "they are a customer, or have asked: it stands against national do-not-call lists, and is no consent")
    .action(async (whom, options) =>
      console.log(await (await loadConsent()).recordConsent(whom, options.relationship ? "relationship" : "consent", options)),
    );
  record("revoke <whom>", "record that somebody took a consent back; suppression add stops contacting them altogether")
    .option("--purpose <word>", "of this purpose alone (default: of every one)")
    .action(async (whom, options) => console.log(await (await loadConsent()).recordConsent(whom, "revocation", options)));
  command(consent, "load <file>", "record a file of consents, relationships and revocations with their proof: CSV with a header")
    .addOption(new Option("--kind <kind>", "of rows that do not say (default: consent)").choices([...consentKinds]))
    .option("--purpose <word>", "of rows that name none")
    .addOption(channel("of rows that name none (default: every one)"))
    .option("--source <text>", "how those came whose row does not say: a form, a call, a letter")
    .option("--obtained <time>", "when those were obtained whose row does not say")
    .option("--country <code>", "the country of numbers that are written without one")
    .option("--rejects <file>", "where rows go that cannot be used (default: beside the file)")
    .action(async (file, options) => console.log(await (await import("./consent-load.ts")).loadConsentFile(file, options)));
  command(consent, "show <whom...>", "all that was recorded of one person, by everything they are known by")
    .option("--json", "as evidence, with the hashes")
    .action(async (whom, options) => console.log(await (await loadConsent()).showConsents(whom, options)));
  command(consent, "verify", "recompute the chain, and name the first record that was changed, taken away or put in").action(async (options) =>
    console.log(await (await loadConsent()).verifyConsents(options)),
  );

  command(campaign, "safeguards <name>", "what it wants of consents and lists; none takes purpose, subject, exemption, lists or look-ups away")
    .option("--purpose <word>", "what it contacts people for: consents are to a purpose")
    .option("--subject <word>", "what it is about: laws that count contacts by subject do not count those about another one")
    .option("--require-consent", "contact only people who agreed to the purpose")
    .option("--no-require-consent", "contact also people who did not")
    .option("--do-not-call-exempt <reason>", "why national do-not-call lists, and laws that want consent to calls that sell, are not for it")
    .option("--list <name...>", "the suppression lists it heeds beside those that are mandatory")
    .option("--law <place...>", "places whose hours by law hold for everybody, wherever they are, such as US-FL")
    .option("--lookup <name...>", "the look-ups that are asked before anybody is contacted")
    .action(async (name, options) => console.log(await (await loadConsent()).campaignSafeguards(name, options)));
}
