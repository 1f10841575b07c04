import { defineEntity, p } from "@mikro-orm/core";

/** An agent's telephone. */
export const AgentPhoneEntity = defineEntity({
  name: "AgentPhone",
  tableName: "agent_phone",
  properties: {
    agentId: p.bigint("string").primary().autoincrement(false),
    kind: p.enum(["uri", "number", "device"] as const),
    uri: p.text().nullable(),
    number: p.text().nullable(),
    trunk: p.text().nullable(),
    callerId: p.text().nullable(),
    username: p.text().nullable(),
    sealedPassword: p.text().nullable(),
    nailedUp: p.boolean(),
    changedAt: p.datetime(3),
  },
  uniques: [{ name: "agent_phone_username_unique", properties: ["username"] }],
});

/** Where a device that registered can be reached. */
export const PhoneBindingEntity = defineEntity({
  name: "PhoneBinding",
  tableName: "phone_binding",
  properties: {
    agentId: p.bigint("string").primary().autoincrement(false),
    contact: p.text().primary(),
    /** Where requests to it go: the address from which it registered. */
    proxy: p.text(),
    /** The signalling server over which it did. */
    via: p.text().nullable(),
    callId: p.text(),
    cseq: p.bigint("number"),
    userAgent: p.text().nullable(),
    registeredAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
});

/** A leg to a telephone that rings or is up: what another process needs to end it. */
export const PhoneLegEntity = defineEntity({
  name: "PhoneLeg",
  tableName: "phone_leg",
  properties: {
    dialogId: p.text().primary(),
    agentId: p.bigint("string"),
    node: p.text(),
    incarnation: p.bigint("string"),
    mediaServer: p.text(),
    endpointId: p.text(),
    transactionId: p.text().nullable(),
    ringsUntil: p.datetime(3).nullable(),
    attemptId: p.bigint("string").nullable(),
  },
});

/** How often a nonce was used by a device that knows its password. */
export const PhoneNonceEntity = defineEntity({
  name: "PhoneNonce",
  tableName: "phone_nonce",
  properties: { nonce: p.text().primary(), uses: p.bigint("number"), holdsUntil: p.datetime(3) },
});
