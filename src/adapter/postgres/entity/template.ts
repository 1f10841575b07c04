import { defineEntity, p } from "@mikro-orm/core";
import { messageChannels } from "../../../attempt/message-ports.ts";
import type { TemplateSource } from "../../../template/ports.ts";
import { appendOnly } from "./append-only.ts";
import { belongsTo, identity } from "./identity.ts";

/** The name of a message's template. Its newest version is the current one. */
export const TemplateEntity = defineEntity({
  name: "Template",
  tableName: "template",
  properties: { id: identity(), name: p.text().unique("template_name_unique"), channel: p.enum(messageChannels) },
});

/** What its author wrote; immutable: the database refuses to change or delete one. */
export const TemplateVersionEntity = defineEntity({
  name: "TemplateVersion",
  tableName: "template_version",
  properties: {
    id: identity(),
    templateId: belongsTo(TemplateEntity, "template_id"),
    version: p.integer(),
    source: p.json<TemplateSource>(),
    publishedAt: p.datetime(3),
    publishedBy: p.text(),
  },
  uniques: [{ name: "template_version_template_id_version_unique", properties: ["templateId", "version"] }],
  triggers: appendOnly("template_version"),
});
