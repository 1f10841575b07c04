import type { Caller } from "../../access/role.ts";
import { Fault } from "../../kernel/fault.ts";
import { dots, shownFields } from "../../privacy/mask.ts";
import { hidingOf } from "../../privacy/masking.ts";
import { checkOverList } from "../../sms/list-check-engine.ts";
import type { Concatenation } from "../../sms/ports.ts";
import { previewMessage, type Shown } from "../../sms/preview.ts";
import type { DefaultAlphabet, SegmentOptions } from "../../sms/segment.ts";
import { checkDocument, compileMessage, documentFaults, invalidTemplate } from "../../template/document.ts";
import { neededBy, suppliedFields } from "../../template/fill.ts";
import type { MessageTemplate, TemplateSource, TemplateStore, TemplateVersion } from "../../template/ports.ts";
import type { Fields } from "../../template/template.ts";
import { readTemplateYaml } from "../../template/yaml.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { pageOf, problemResponses } from "../schema/common.ts";
import {
  checkBody,
  listReportSchema,
  previewBody,
  previewSchema,
  showTemplateHead,
  templateBody,
  templateHeadSchema,
  templateHistoryQuery,
  templateParams,
  templatePublishedSchema,
  templateVersionParams,
  templateVersionSchema,
} from "../schema/template.ts";
import { signatureOf } from "../script-faults.ts";

const tags = ["templates"];
/** 2 MiB of attachments in base64, and a megabyte of HTML. */
const maxTemplateBytes = 4 * 1024 * 1024;

export function addTemplates(app: App, { templates: store, templateContacts: contacts, lists, masking }: ApiParts): void {
  const shownTo = (caller: Caller | undefined): Shown | undefined => {
    const hiding = hidingOf(masking, caller?.role ?? "");
    return hiding.hides.size === 0 ? undefined : { fields: (fields) => shownFields(fields, hiding), instead: dots };
  };

  app.post(
    "/api/v1/templates",
    {
      bodyLimit: maxTemplateBytes,
      schema: {
        tags,
        summary: "Publish a template",
        description:
          "The body is its document, as application/yaml or JSON; its name is in it. It becomes the next version of that name (201) and is current from then on. The current document again makes no new version (200).",
        consumes: ["application/yaml", "application/json"],
        body: templateBody,
        response: { 200: templatePublishedSchema, 201: templatePublishedSchema, ...problemResponses(400, 401, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { version, fresh } = await store.publish(documentOf(request.body), signatureOf(request, undefined).by);
      return reply
        .code(fresh ? 201 : 200)
        .header("location", `/api/v1/templates/${version.name}/versions/${version.version}`)
        .send({ ...showTemplateHead(version), fresh });
    },
  );

  app.get(
    "/api/v1/templates",
    {
      schema: {
        tags,
        summary: "All templates, each with its current version",
        querystring: templateHistoryQuery,
        response: { 200: pageOf(templateHeadSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (rows) => store.all(rows));
      return { ...page, items: page.items.map(showTemplateHead) };
    },
  );

  app.get(
    "/api/v1/templates/:name",
    {
      schema: {
        tags,
        summary: "The current version of a template",
        params: templateParams,
        response: { 200: templateVersionSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => showVersion(await versionOf(store, name), true),
  );

  app.get(
    "/api/v1/templates/:name/versions",
    {
      schema: {
        tags,
        summary: "Its versions, the newest first",
        params: templateParams,
        querystring: templateHistoryQuery,
        response: { 200: pageOf(templateHeadSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query }) => {
      await versionOf(store, name);
      const page = await readPage(query, (rows) => store.versions(name, rows));
      return { ...page, items: page.items.map(showTemplateHead) };
    },
  );

  app.get(
    "/api/v1/templates/:name/versions/:version",
    {
      schema: {
        tags,
        summary: "One version, with its document",
        params: templateVersionParams,
        response: { 200: templateVersionSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name, version } }) => {
      const found = await versionOf(store, name, version);
      return showVersion(found, (await versionOf(store, name)).id === found.id);
    },
  );

  app.post(
    "/api/v1/templates/:name/preview",
    {
      schema: {
        tags,
        summary: "What one contact would read, and what it costs",
        description: "For a contact, for fields, or for a contact with some fields changed. Nothing is sent.",
        params: templateParams,
        body: previewBody,
        response: { 200: previewSchema, ...problemResponses(400, 401, 404, 415, 429, 503) },
      },
    },
    async ({ params: { name }, body: { contactId, fields, version, ...counting }, caller }) => {
      const template = compiled(await versionOf(store, name, version));
      const contact = contactId === undefined ? undefined : await lists.contact(contactId);
      if (contactId !== undefined && !contact) throw new Fault("contact-unknown", `There is no contact ${contactId}.`);
      const zone = contact?.timeZone;
      const all = { ...contact?.fields, ...(zone !== undefined && { time_zone: zone }), ...fields };
      const shown = shownTo(caller);
      // What the caller says themselves is theirs to see.
      const seen = shown && { ...shown, fields: (own: Fields) => ({ ...shown.fields(own), ...fields }) };
      return showPreview(previewMessage(template, all, countingOf(counting), seen));
    },
  );

  app.post(
    "/api/v1/templates/:name/check",
    {
      schema: {
        tags,
        summary: "What a template comes to over a whole list",
        description: "Every contact is looked at, which takes about a minute for a million. Nothing is sent.",
        params: templateParams,
        body: checkBody,
        response: { 200: listReportSchema, ...problemResponses(400, 401, 404, 415, 429, 503) },
      },
    },
    async ({ params: { name }, body: { listId, version, ...counting }, caller }) => {
      const template = compiled(await versionOf(store, name, version));
      if (!(await lists.list(listId))) throw new Fault("list-unknown", `There is no list ${listId}; GET /api/v1/lists has them.`);
      const shown = shownTo(caller);
      const { held, ...report } = await checkOverList(contacts, { listId, template, options: countingOf(counting), ...(shown && { shown }) });
      return { ...report, held: { ...held, first: [...held.first] }, lacks: [...report.lacks], sms: report.sms && showSms(report.sms) };
    },
  );
}

function documentOf(body: unknown): TemplateSource {
  if (typeof body !== "string") return checkDocument(body);
  const { value, placed } = readTemplateYaml(body);
  const faults = documentFaults(value);
  if (faults.length > 0) throw invalidTemplate(placed(faults));
  return checkDocument(value);
}

async function versionOf(store: TemplateStore, name: string, version?: number): Promise<TemplateVersion> {
  const found = await store.find(name, version);
  if (found) return found;
  const told = version === undefined ? "" : `version ${version} of `;
  throw new Fault("template-unknown", `There is no ${told}template ${name}; GET /api/v1/templates has them.`);
}

function compiled({ id, version, source }: TemplateVersion): MessageTemplate {
  return compileMessage(source, { versionId: id, version });
}

function showVersion(version: TemplateVersion, current: boolean) {
  const fields = neededBy(compiled(version)).filter((field) => !suppliedFields.includes(field));
  return { ...showTemplateHead(version), current, fields, document: { ...version.source } };
}

function countingOf({
  concatenation = "udh-8",
  dataCoding0 = "gsm",
}: {
  concatenation?: Concatenation;
  dataCoding0?: DefaultAlphabet;
}): SegmentOptions {
  return { concatenation, dataCoding0 };
}

function showPreview(preview: ReturnType<typeof previewMessage>) {
  if ("held" in preview) return { held: preview.held, lacks: [...preview.lacks] };
  const { sms, ...content } = preview;
  return { ...content, ...(sms && { sms: { ...sms, forcing: [...sms.forcing] } }) };
}

function showSms({ ucs2, ...sms }: NonNullable<Awaited<ReturnType<typeof checkOverList>>["sms"]>) {
  return { ...sms, ucs2: { ...ucs2, characters: [...ucs2.characters] } };
}
