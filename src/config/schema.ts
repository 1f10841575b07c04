import { type Static, Type } from "typebox";
import { accessOptions } from "../access/options.ts";
import { apiOptions } from "../api/options.ts";
import { destinationOptions, doNotCallOptions, legalHoursOptions } from "../compliance/options.ts";
import { lookupOptions } from "../contact/lookup/options.ts";
import { contactOptions, feedOptions } from "../contact/options.ts";
import { emailOptions } from "../email/options.ts";
import { maskingOptions, recordingOptions, retentionOptions } from "../privacy/options.ts";
import { tariffOptions } from "../report/options.ts";
import { smsOptions } from "../sms/options.ts";
import { voiceOptions } from "../voice/options.ts";
import { webhookDeliveryOptions } from "../webhook/options.ts";
import { databaseOptions } from "./section/database.ts";
import { groupOptions } from "./section/groups.ts";
import { identityOptions } from "./section/identity.ts";
import { phoneOptions } from "./section/phones.ts";
import { logOptions, nodeOptions } from "./section/process.ts";
import { promptOptions } from "./section/prompts.ts";
import { secretOptions } from "./section/secret.ts";
import { callerIdOptions, drachtioOptions, drachtioServerOptions, freeswitchOptions, routeOptions, trunkOptions } from "./section/telephony.ts";
import { webhookOptions } from "./section/webhooks.ts";

/** The whole configuration. Each room and adapter is passed its own section by main. */
export const configSchema = Type.Object(
  {
    node: nodeOptions,
    log: logOptions,
    database: databaseOptions,
    api: apiOptions,
    access: accessOptions,
    drachtio: drachtioOptions,
    drachtioServers: Type.Array(drachtioServerOptions, {
      description: "Further drachtio-servers, beside the one under drachtio:. New calls go over all of them in turn.",
      default: [],
    }),
    freeswitch: Type.Array(freeswitchOptions, { description: "The media servers.", default: [] }),
    trunks: Type.Array(trunkOptions, { description: "The ways out to the telephone network.", default: [] }),
    routes: Type.Array(routeOptions, { description: "Several trunks under one name, with priority and weight.", default: [] }),
    callerIds: Type.Array(callerIdOptions, {
      description: "Pools of numbers that are shown in turn, with local presence and a daily cap.",
      default: [],
    }),
    identity: identityOptions,
    secret: secretOptions,
    contact: contactOptions,
    feeds: Type.Array(feedOptions, {
      description: "Folders, here and on SFTP servers, from which lists come in by themselves, and into which results go.",
      default: [],
    }),
    lookups: Type.Array(lookupOptions, {
      description:
        "Servers that are asked what a number is, whether it is still the same person's, and what the customer's own database says of somebody.",
      default: [],
    }),
    destinations: destinationOptions,
    legalHours: legalHoursOptions,
    doNotCall: doNotCallOptions,
    voice: voiceOptions,
    phones: phoneOptions,
    sms: smsOptions,
    email: emailOptions,
    prompts: promptOptions,
    tariffs: Type.Array(tariffOptions, { description: "What trunks, binds and mail pools cost, for the reports.", default: [] }),
    webhooks: Type.Array(webhookOptions, { description: "The servers that scripts may ask something during a call.", default: [] }),
    webhookDelivery: webhookDeliveryOptions,
    retention: retentionOptions,
    masking: maskingOptions,
    recording: recordingOptions,
    groups: Type.Array(groupOptions, { description: "Outside numbers that scripts transfer to under one name.", default: [] }),
  },
  { additionalProperties: false },
);

export type Config = Static<typeof configSchema>;
