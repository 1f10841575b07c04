import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { type FastifyHttpOptions, fastify, type RawServerDefault } from "fastify";
import { Fault } from "../kernel/fault.ts";
import type { ApiOptions } from "./options.ts";
import type { ApiParts, App } from "./parts.ts";
import { addAudit, addChanges } from "./plugin/audit.ts";
import { addAuthentication } from "./plugin/authentication.ts";
import { addAuthorization, addRouteRules } from "./plugin/authorization.ts";
import { addBodies } from "./plugin/body.ts";
import { addDocumentation } from "./plugin/documentation.ts";
import { addIdempotency } from "./plugin/idempotency.ts";
import { addLateBodies } from "./plugin/late-body.ts";
import { addMasking } from "./plugin/masking.ts";
import { addObservation } from "./plugin/observation.ts";
import { addPreconditions } from "./plugin/precondition.ts";
import { addProblems, answerBadPath } from "./plugin/problems.ts";
import { addNoStore, addProtection } from "./plugin/protection.ts";
import { addSender } from "./plugin/sender.ts";
import { compileSerializer } from "./plugin/serialization.ts";
import { compileValidator } from "./plugin/validation.ts";
import { addAgentRules } from "./route/agent-rules.ts";
import { addAgentSettings } from "./route/agent-settings.ts";
import { addAgentSocket } from "./route/agent-socket.ts";
import { addAgents } from "./route/agents.ts";
import { addAttempts } from "./route/attempts.ts";
import { addAuditLog } from "./route/audit.ts";
import { addBulk } from "./route/bulk.ts";
import { addAccessBulk } from "./route/bulk-access.ts";
import { addCalendars } from "./route/calendars.ts";
import { addCallbacks } from "./route/callbacks.ts";
import { addCampaignCopies } from "./route/campaign-copies.ts";
import { addCampaignSchedules } from "./route/campaign-schedules.ts";
import { addCampaignSettings } from "./route/campaign-settings.ts";
import { addCampaigns } from "./route/campaigns.ts";
import { addClicks } from "./route/clicks.ts";
import { addConsents } from "./route/consents.ts";
import { addContacts } from "./route/contacts.ts";
import { addConversations } from "./route/conversations.ts";
import { addEmails } from "./route/emails.ts";
import { addEvents } from "./route/events.ts";
import { addFeeds } from "./route/feeds.ts";
import { addFrequencyCaps } from "./route/frequency-caps.ts";
import { addGroups } from "./route/groups.ts";
import { addImports } from "./route/imports.ts";
import { addIncomingMails } from "./route/incoming-mails.ts";
import { addKeys } from "./route/keys.ts";
import { addLists } from "./route/lists.ts";
import { addLookupRuns, addLookups } from "./route/lookups.ts";
import { addMe } from "./route/me.ts";
import { addMeans } from "./route/means.ts";
import { addMessageRules } from "./route/message-rules.ts";
import { addMessages } from "./route/messages.ts";
import { addNumbers } from "./route/numbers.ts";
import { addOperation } from "./route/operation.ts";
import { addPersons } from "./route/persons.ts";
import { addPhones } from "./route/phones.ts";
import { addPreflight } from "./route/preflight.ts";
import { addPrompts } from "./route/prompts.ts";
import { addReports } from "./route/reports.ts";
import { addRules } from "./route/rules.ts";
import { addScriptVersions } from "./route/script-versions.ts";
import { addScripts } from "./route/scripts.ts";
import { addServers } from "./route/servers.ts";
import { addSessions } from "./route/sessions.ts";
import { addSettings } from "./route/settings.ts";
import { addStrategies } from "./route/strategies.ts";
import { addStrategyCampaigns } from "./route/strategy-campaigns.ts";
import { addStream } from "./route/stream.ts";
import { addSupervisions } from "./route/supervisions.ts";
import { addSuppressions } from "./route/suppressions.ts";
import { addTemplates } from "./route/templates.ts";
import { addTimeline } from "./route/timeline.ts";
import { addTrunks } from "./route/trunks.ts";
import { addUnsubscribe } from "./route/unsubscribe.ts";
import { addUsers } from "./route/users.ts";
import { addWebhooks } from "./route/webhooks.ts";
import { addWhy } from "./route/why.ts";

/**
 * The whole API, ready to listen or to be asked with `inject`. Unknown properties and wrong types are errors, not
 * mended; only what comes as text anyway (query, path) is read as the type it should have.
 */
export async function buildApp(parts: ApiParts): Promise<App> {
  const options: FastifyHttpOptions<RawServerDefault> & { readonly https?: object } = {
    ...(parts.tls && { https: { ...parts.tls, minVersion: "TLSv1.2" } }),
    bodyLimit: 64 * 1024,
    // A connection on which nothing moves is dropped; long enough for the end of a large import, when the database works and nothing is sent.
    connectionTimeout: 120_000,
    // Not for the whole of a request: a large list may take as long as it moves.
    requestTimeout: 0,
    forceCloseConnections: true,
    frameworkErrors: answerBadPath,
    routerOptions: { maxParamLength: 100 },
  };
  const app: App = fastify(options).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  addProblems(app, parts.log);
  addBodies(app);
  addRouteRules(app);
  addSender(app, parts.trustedProxies ?? []);
  addObservation(app, parts);
  await addProtection(app, parts);
  await addAuthentication(app, parts);
  addAuthorization(app, parts);
  addAudit(app, parts);
  addMasking(app, parts);
  addPreconditions(app);
  await addIdempotency(app, parts);
  addLateBodies(app, parts);
  addChanges(app);
  addNoStore(app);
  await addDocumentation(app, parts);
  await addAgentSocket(app, parts);
  addKeys(app, parts);
  addAuditLog(app, parts);
  addSessions(app, parts);
  addMe(app, parts);
  addUsers(app, parts);
  addLists(app, parts);
  addContacts(app, parts);
  addImports(app, parts);
  addFeeds(app, parts);
  addLookups(app, parts);
  addLookupRuns(app, parts);
  addPersons(app, parts);
  addBulk(app);
  addAccessBulk(app);
  addTimeline(app, parts);
  addSuppressions(app, parts);
  addConsents(app, parts);
  addScripts(app, parts);
  addScriptVersions(app, parts);
  addPrompts(app, parts);
  addTemplates(app, parts);
  addStrategies(app, parts);
  addStrategyCampaigns(app, parts);
  addCampaignCopies(app, parts);
  addCampaignSchedules(app, parts);
  addEvents(app, parts);
  addCampaigns(app, parts);
  addCampaignSettings(app, parts);
  addAttempts(app, parts);
  addCalendars(app, parts);
  addFrequencyCaps(app, parts);
  addRules(app, parts);
  addWhy(app, parts);
  addPreflight(app, parts);
  addIncomingMails(app, parts);
  addMessages(app, parts);
  addMessageRules(app, parts);
  addTrunks(app, parts);
  addSettings(app, parts);
  addServers(app, parts);
  addMeans(app, parts);
  addConversations(app, parts);
  addNumbers(app, parts);
  addAgents(app, parts);
  addSupervisions(app, parts);
  addPhones(app, parts);
  addGroups(app, parts);
  addAgentRules(app, parts);
  addAgentSettings(app, parts);
  addCallbacks(app, parts);
  addEmails(app, parts);
  await addClicks(app, parts);
  await addUnsubscribe(app, parts);
  addWebhooks(app, parts);
  addStream(app, parts);
  addReports(app, parts);
  addOperation(app, parts);
  await app.ready();
  return app;
}

/**
 * Takes requests from the network.
 * @returns the port it got
 * @throws Fault `api-port-in-use` or `api-address`, in one line that says what to do
 */
export async function listen(app: App, { host, port }: Pick<ApiOptions, "host" | "port">): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE")
      throw new Fault("api-port-in-use", `Port ${port} on ${host} is in use by another program; give api.port another one.`, { cause: error });
    if (code === "EACCES")
      throw new Fault("api-address", `This user may not listen on port ${port}; give api.port one above 1023.`, { cause: error });
    throw new Fault("api-address", `Cannot listen on ${host} port ${port}: ${String(error)}. Check api.host.`, { cause: error });
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}
