import { join } from "node:path";
import { FolderPlace } from "../adapter/folder/folder-place.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import { SftpPlace } from "../adapter/sftp/sftp-place.ts";
import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import { FeedEngine } from "../contact/feed-engine.ts";
import type { FeedDelivery, FeedWork } from "../contact/feed-ports.ts";
import { importContacts } from "../contact/import-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { callingList } from "../report/calling-list-engine.ts";
import { document } from "../report/document-engine.ts";
import { nextRun, parseRecurrence } from "../strategy/schedule.ts";
import type { ScheduledCampaigns } from "../strategy/schedule-engine.ts";
import { reportsOf } from "./reports.ts";

export interface FeedsParts {
  readonly config: Pick<Config, "feeds" | "contact" | "node" | "database" | "tariffs">;
  readonly stores: Pick<Stores, "feeds" | "contacts" | "staged" | "suppressions" | "reports" | "lookupRuns">;
  readonly suppress: ApiParts["safeguards"]["load"];
  /** Those that are started when a file has gone in. */
  readonly campaigns: Pick<ScheduledCampaigns, "named" | "order">;
  readonly clock: Clock;
  readonly log: Log;
  /** See `FeedEngine`. */
  readonly lookMs?: number;
  readonly leaseMs?: number;
}

/** Files come in by themselves, and results go out. */
export function openFeeds({ config, stores, clock, log, ...parts }: FeedsParts): FeedEngine {
  const { lookMs, leaseMs } = parts;
  return new FeedEngine({
    feeds: config.feeds,
    store: stores.feeds,
    work: feedWork({ config, stores, clock, log, ...parts }),
    open: async (feed, hostKey) => (feed.host === undefined ? await FolderPlace.open(feed.folder) : await SftpPlace.open(feed, clock, hostKey)),
    spoolDir: join(config.database.dataDir, `feeds-${config.node.name}`),
    ...{ clock, log, ...(lookMs !== undefined && { lookMs }), ...(leaseMs !== undefined && { leaseMs }) },
  });
}

function feedWork({ config, stores, suppress, campaigns, clock }: FeedsParts): FeedWork {
  const reports = reportsOf(config, stores, clock);
  const found = async (name: string) => {
    const campaign = await campaigns.named(name);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${name}.`);
    return campaign;
  };
  return {
    load: (delivery) => (delivery.feed.does === "suppress" ? loadSuppressions(delivery) : load(delivery)),
    async results(feed, at) {
      const { campaign: name = "", fields, format } = feed;
      const { of } = await found(name);
      if (!("campaignId" in of)) throw new Fault("campaign-unknown", `${name} has a calling list for each of its passes: name one, as ${name}/PASS.`);
      const { columns, rows } = callingList(reports, of.campaignId, fields);
      // Names of campaigns may hold what names of files may not.
      const stem = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "");
      const time = new Date(at).toISOString().replace(/[:.]/g, "-");
      return { name: `${stem}-${time}.${format}`, content: document(format, "calling list", columns, rows) };
    },
    lookups: (runs) => stores.lookupRuns.find(runs),
    async start(name) {
      const { of, state } = await found(name);
      if (state !== "running") await campaigns.order(of, "start");
    },
    nextLook({ name, everyS, at, zone }, after) {
      if (at === undefined) return after + everyS * 1000;
      const recurrence = parseRecurrence(at);
      if (recurrence === undefined) throw new Fault("feed-invalid", `The feed ${name} cannot be followed: its at is none of the forms it may have.`);
      return nextRun(recurrence, zone, after);
    },
  };

  async function load({ feed, content, run, headed, rejected }: FeedDelivery) {
    const { list = "", mode, enter, mapping: word } = feed;
    const mapping = word === undefined ? undefined : await stores.staged.mapping(word);
    if (word !== undefined && mapping === undefined)
      throw new Fault("mapping-unknown", `There is no mapping ${word}: carillon mapping keep ${word} FILE keeps one.`);
    const { lookups } = feed;
    const report = await importContacts({
      ...{ store: stores.contacts, name: list, append: mode === "append", ...(mode !== "append" && { existing: mode }) },
      ...{ enter, csv: content, rejected, planned: (plan) => headed(plan.header), feedRun: run },
      ...{ defaultCountry: config.contact.defaultCountry, ...(mapping && { mapping }), ...(lookups.length > 0 && { lookups }) },
    });
    return { ...report };
  }

  async function loadSuppressions({ feed, file, modifiedAt, content, headed, rejected }: FeedDelivery) {
    const { suppressionList: name = "", mode } = feed;
    const list = await stores.suppressions.list(name);
    if (list === undefined)
      throw new Fault("suppression-list-unknown", `There is no suppression list ${name}: carillon suppression create makes one.`);
    const by = `feed ${feed.name}`;
    // The law counts the age of a national list from the day of its data, which a file does not say: no later than it was written, whenever it was found.
    const dated = list.kind === undefined ? undefined : new Date(Math.min(modifiedAt, clock.now())).toISOString().slice(0, 10);
    return {
      ...(await suppress({
        listId: list.id,
        mode: mode === "append" ? "append" : "replace",
        content,
        by,
        file,
        headed,
        rejected,
        ...(dated !== undefined && { dated }),
      })),
    };
  }
}
