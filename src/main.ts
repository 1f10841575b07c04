import { join } from "node:path";
import { holdNodeName } from "./adapter/postgres/repository/node-name.ts";
import { openStores, type Stores } from "./adapter/postgres/stores.ts";
import { systemRandom } from "./adapter/system/random.ts";
import { buildApp, listen } from "./api/app.ts";
import type { Config } from "./config/schema.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Log } from "./kernel/log.ts";
import { foldCounters } from "./report/fold-engine.ts";
import { accessParts } from "./start/access.ts";
import { addAgentMetrics } from "./start/agent-metrics.ts";
import { cardSourceOf, openAgents } from "./start/agents.ts";
import { openChannels } from "./start/channels.ts";
import { complianceApi, openBooks } from "./start/compliance.ts";
import { componentsOf, noTrunk } from "./start/components.ts";
import { openConversations } from "./start/conversations.ts";
import { openDatabase } from "./start/database.ts";
import { follow } from "./start/dialling.ts";
import { evidenceSealsOf } from "./start/evidence-seals.ts";
import { keepFleet } from "./start/fleet.ts";
import { addFleetMetrics } from "./start/fleet-metrics.ts";
import { HostAddresses, messagesOver } from "./start/inbound.ts";
import { addInboundMetrics } from "./start/inbound-metrics.ts";
import { keepLease } from "./start/lease.ts";
import { listParts } from "./start/list-parts.ts";
import { openLookups } from "./start/lookups.ts";
import { openMetrics } from "./start/metrics.ts";
import { readNumbers } from "./start/numbers.ts";
import { openPacing } from "./start/pacing.ts";
import { phoneControlOf } from "./start/phone-control.ts";
import { startPhones } from "./start/phones.ts";
import { openAgentCalls } from "./start/previews.ts";
import { openRetention } from "./start/privacy.ts";
import { openPrompts, promptPartsOf, prunePrompts } from "./start/prompts.ts";
import { openPublishing, openScriptPool } from "./start/publishing.ts";
import { recallWithdrawn } from "./start/recall.ts";
import { openRecordings } from "./start/recordings.ts";
import { openRecoveries } from "./start/recovery.ts";
import { reportsOf } from "./start/reports.ts";
import { openRoutines } from "./start/routines.ts";
import { guardCampaigns } from "./start/safeguards.ts";
import { poolControlOf, routeControlOf } from "./start/setting-control.ts";
import { passPlaces, strategyParts } from "./start/strategies.ts";
import { openTelephony, serversOf } from "./start/telephony.ts";
import { trunkControlOf } from "./start/trunk-control.ts";
import { TrunkKeeper } from "./start/trunk-keeper.ts";
import { WaysOut } from "./start/trunks.ts";
import { webParts } from "./start/web.ts";
import { openOutside } from "./start/webhooks.ts";
import { PassEngine } from "./strategy/pass-engine.ts";
import { CallEngine } from "./voice/call-engine.ts";
import { EndpointPool } from "./voice/endpoint-pool-engine.ts";
import { InboundEngine } from "./voice/inbound-engine.ts";
import { LineSharing } from "./voice/line-sharing-engine.ts";
import { AgentQueues } from "./voice/queue-engine.ts";
import { ScriptLibrary } from "./voice/script-engine.ts";
import { SecondLegs } from "./voice/second-leg-engine.ts";
import { TrunkWatch } from "./voice/trunk-watch-engine.ts";

export interface CarillonParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** It takes over from a process that had been well and died: the legs of that one are ended even if no FreeSWITCH can be reached. */
  readonly successor?: boolean;
  /** Called when another process has taken this node's name, or the lease could not be renewed: stop at once. */
  readonly onLeaseLost: () => void;
  /** Where the configuration is, for people. Default: the configuration file. */
  readonly configuration?: string;
  /** Reads the configuration as it is now; left out, it stays as it is. @throws Fault `config-invalid` */
  readonly readConfig?: () => Config;
}

/** A running server. */
export interface Carillon {
  /** Where the API listens. */
  readonly url: string;
  readonly stores: Stores;
  readonly pass: PassEngine;
  /**
   * Reads the configuration anew and takes over what may change while the server runs: trunks, routes, caller ids, destinations, identity.
   * Rejects with Fault `config-invalid`, `identity-key-unusable`: nothing has changed then.
   */
  reload(): Promise<void>;
  /** Stops placing calls, lets people finish, releases everything. */
  close(): Promise<void>;
}

export type { Stores };

/**
 * The composition root: builds every adapter and engine of a server from its configuration and starts it.
 * @throws Fault with one line that says what to do; whatever had been opened is closed again
 */
export async function openCarillon(parts: CarillonParts): Promise<Carillon> {
  const { config, clock, log } = parts;
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of opened.reverse()) await close().catch((error) => log.error({ err: error }, "not closed cleanly"));
  };
  try {
    return await open(parts, opened, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function open({ version, onLeaseLost }: CarillonParts, opened: (() => Promise<void>)[], closeAll: () => Promise<void>): Promise<Carillon> {
    const node = config.node.name;
    const database = await openDatabase(config, clock, log);
    opened.push(() => database.stop());
    const name = await holdNodeName(database.url, node, clock);
    opened.push(() => name.release());
    const spoolFile = join(config.database.dataDir, `unwritten-${node}.jsonl`);
    const stores = await openStores({ url: database.url, clock, log, node, spoolFile, seals: evidenceSealsOf(config) });
    opened.push(() => stores.close());
    if (await stores.sealEvidence()) log.info({}, "the key of the hashes of people is sealed with secret.key now");
    const recordings = await openRecordings(config, log);
    const freeswitch = config.freeswitch.map((server) => ({ ...server, recordings }));
    const telephony = await openTelephony({ ...config, freeswitch }, clock, log, parts.successor);
    opened.push(() => telephony.close());
    const { signalling, media } = telephony;

    const metrics = openMetrics();
    const attempts = metrics.counted(stores.attempts);
    const recoveries = openRecoveries({ stores, attempts, signalling, media, clock, log, node });
    const onOthersDied = () => recoveries.clearUp(false);
    const lease = await keepLease({ registry: stores.registry, node, clock, log, onLost: onLeaseLost, onOthersDied });
    opened.push(() => lease.release());
    await recoveries.clearUp(true);
    opened.push(() => recoveries.close());
    const secondLegs = new SecondLegs({ store: stores.secondLegs, clock, log });
    opened.push(() => secondLegs.close());

    const prompts = openPrompts(config, clock, stores.prompts);
    opened.push(() => prompts.close());
    const scriptPool = openScriptPool(clock);
    opened.push(() => scriptPool.close());
    // Of its own, so that no call waits for what somebody wants checked.
    const callPool = openScriptPool(clock, { mostWaiting: Number.POSITIVE_INFINITY, timeoutMs: 60_000 });
    opened.push(() => callPool.close(), prunePrompts(prompts.store, config.prompts.keepDays, clock, log));
    const outside = openOutside({ config, stores, clock, log });
    opened.push(() => outside.close());
    const pool = new EndpointPool(media, { maxOpening: config.voice.maxSetups, idleMs: config.voice.idleEndpointMs }, clock, log);
    const fleet = await keepFleet({ store: stores.servers, servers: serversOf(telephony), pool, node, clock, log });
    opened.push(() => fleet.close());
    addFleetMetrics(metrics.registry, media);
    const books = await openBooks(stores, config, clock, log);
    opened.push(() => books.close());
    const waysOut = new WaysOut(config, stores.numbers, stores.trunks, clock, log);
    waysOut.ownRules = books.rules;
    waysOut.calendars = books.calendars;
    const { trunks, callerIds, callerHeaders } = waysOut;
    await callerIds.refresh();
    opened.push(readNumbers(callerIds, clock, log));
    const phones = startPhones({
      ...{ stores, signalling, registers: signalling, pool, secondLegs, ways: waysOut, clock, log },
      ...{ options: config.phones, metrics: metrics.registry },
      moved: async (agentId, there) => void (media.servers.length > 0 && (await agents.desks.phone(agentId, there))),
    });
    opened.push(() => phones.close());
    const agents = openAgents({ stores, config, ways: waysOut, phone: (agentId) => phones.standing(agentId), clock, log });
    opened.push(() => agents.close());
    const { desks, calls } = agents;
    const { ringTimeoutMs } = config.phones;
    const line = new AgentQueues({ desks, calls, phones, store: stores.desks, contacts: cardSourceOf(stores), ringTimeoutMs, clock, log });
    addAgentMetrics(metrics.registry, { desks, calls, line });
    const led = await openConversations({ config, agents, line, phones, stores, random: systemRandom, clock, log });
    opened.push(() => led.close());
    const groups = new Map(config.groups.map((group) => [group.name, group.numbers]));
    const scripts = new ScriptLibrary({
      ...{ store: stores.scripts, reader: callPool, prompts: prompts.store, attempts },
      ...{ webhooks: outside.questions, groups, clock, log },
    });
    const lookups = openLookups({ config, stores, metrics: metrics.registry, clock, log });
    opened.push(() => lookups.close());
    const pass = new PassEngine({
      ...{ work: metrics.gate(stores.work), campaigns: stores.campaigns, places: passPlaces(stores, clock), passOn: stores.work, account: waysOut },
      ...{ mayWant: lookups.mayWant, clock, log, node },
    });
    const guard = guardCampaigns({ stores, config, pass, clock, log });
    opened.push(() => guard.close());
    const routines = openRoutines({ stores, pass, guard: guard.api, config, clock, log });
    opened.push(() => routines.close());
    const { dataDir } = config.database;
    const pacings = openPacing({ stores, agents: agents.desks, phones, line, node, dataDir, metrics: metrics.registry, clock, log });
    opened.push(() => pacings.close());
    const engine = new CallEngine({
      ...{ orders: pass, attempts, signalling, media, pool, scripts, trunks, callerIds, callerHeaders, secondLegs, pacings, line },
      ...{ clock, log, maxSetups: config.voice.maxSetups },
      onTrouble: (campaignId) => {
        pass.order(campaignId, "pause").catch((error) => log.error({ err: error, campaign: campaignId }, "the campaign could not be paused"));
      },
    });
    // Beside those that campaigns place: the calls that agents ask for.
    const own = openAgentCalls({
      ...{ stores, attempts, agents, pass, signalling, media, pool, phones, secondLegs, line, clock, log },
      ...{ ways: waysOut, phoneRingTimeoutMs: ringTimeoutMs },
    });
    // Trunks that say where their calls come from need no look-up.
    const hosts = () => trunks.all.flatMap(({ trunk: { inbound, inboundFrom = [], host } }) => (inbound && inboundFrom.length === 0 ? [host] : []));
    const addresses = new HostAddresses(hosts, clock, log);
    opened.push(() => addresses.close());
    const inbound = new InboundEngine({
      record: stores.inbound,
      // What is counted is what we placed.
      attempts: stores.attempts,
      inbound: signalling,
      signalling,
      media,
      pool,
      scripts,
      message: messagesOver(prompts.store, config.voice),
      trunks,
      callerHeaders,
      secondLegs,
      line,
      poolsOf: (number) => waysOut.poolsOf(number),
      addressesOf: addresses.of,
      maxSetups: config.voice.maxSetups,
      clock,
      log,
    });
    addInboundMetrics(metrics.registry, inbound);
    opened.push(openRetention(stores, config, clock, log), foldCounters(stores.reports, clock, log));
    opened.push(recallWithdrawn(stores.registry, [engine, own.singles], node, clock, log));
    metrics.watch({ engine, pool, trunks, callerIds, secondLegs });
    const watch = new TrunkWatch({ trunks, requests: telephony.trunkRequests, clock, log });
    opened.push(() => watch.close());
    const sharing = new LineSharing({ trunks, ledger: stores.trunks, clock, log });
    opened.push(() => sharing.close());
    const channels = openChannels({ config, stores, pass, agents, webhooks: outside.questions, metrics: metrics.registry, clock, log });
    pass.onChange((campaign) => follow(engine, campaign, log));
    opened.push(async () => {
      // Whose agents' programs are gone waits in vain.
      line.close();
      await pass.close();
      await Promise.all([engine.close(), inbound.close(), own.close(), channels.close()]);
      await pool.close();
    });

    // A campaign whose trunk had been missing may go on, and has its new limits.
    const followAll = () => {
      for (const campaign of pass.running()) follow(engine, campaign, log);
    };
    const { readConfig = () => config, configuration = "the configuration file" } = parts;
    const kept = { waysOut, watch, store: stores.keptTrunks, settings: stores.keptSettings, onChanged: followAll, clock, log };
    const keeper = new TrunkKeeper(kept);
    await keeper.open();
    opened.push(() => keeper.close());
    if (trunks.all.length === 0 && media.servers.length > 0) log.warn({}, noTrunk);
    const health = { components: async () => [...(await componentsOf(stores, telephony, trunks)), ...channels.components()] };
    outside.watch(health.components);
    metrics.health({ version, components: health.components, stores, pass });
    const trunkControl = trunkControlOf({ ...kept, keeper, configuration, readConfig });
    const app = await buildApp({
      ...accessParts(stores, config, clock, log),
      safeguards: guard.api,
      ...strategyParts(stores),
      ...listParts(stores, config.contact.defaultCountry, config.feeds),
      lookups: lookups.api,
      control: pass,
      reports: reportsOf(config, stores, clock),
      ...complianceApi(stores, waysOut, books, clock, scriptPool),
      ...channels.api,
      publishing: openPublishing(config, stores.scripts, prompts, scriptPool, stores.agents, stores.prompts),
      prompts: promptPartsOf(stores, prompts.store, scriptPool),
      timelines: stores.timelines,
      ...{ answers: stores.answers, servers: fleet.control },
      phones: phoneControlOf({ stores, ways: waysOut, hosts: config.phones.hosts, lines: phones }),
      numbers: stores.inbound,
      agents: { directory: stores.agents, campaignDesks: stores.campaignDesks, previews: own.previews, ...led, ...agents },
      ...{ health, webhooks: outside.control, stream: stores.stream },
      get trunks() {
        return waysOut.ways;
      },
      noWay: (trunk, callerId) => waysOut.noWay(trunk, callerId),
      trunkControl,
      routes: routeControlOf({ ...kept, keeper, configuration }),
      pools: poolControlOf({ ...kept, keeper, configuration }),
      get callerIdPools() {
        return waysOut.pools;
      },
      defaultRingTimeoutMs: config.voice.ringTimeoutMs,
      metrics: metrics.registry,
      ...{ clock, log, version },
      ...webParts(config),
    });
    opened.push(() => app.close());
    // Before anybody is told that it is ready.
    inbound.start();
    const port = await listen(app, config.api);
    await Promise.all([channels.start(), lookups.start()]);
    await Promise.all([pass.start(), routines.start()]);
    const scheme = config.api.certificate === undefined ? "http" : "https";
    return { url: `${scheme}://${config.api.host}:${port}`, stores, pass, reload: async () => void (await trunkControl.reload()), close: closeAll };
  }
}
