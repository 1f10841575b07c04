import { Type } from "typebox";

/** How webhooks are told, and whom they may reach. */
export const webhookDeliveryOptions = Type.Object(
  {
    privateNetworks: Type.Array(
      Type.String({
        pattern: "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/[0-9]{1,3}$",
        hint: "write a network such as 10.1.2.0/24",
      }),
      {
        description:
          "Networks that webhooks may reach though they are not public: none, unless named here. Also for webhooks of the configuration, where their url has a name and not an address.",
        default: [],
      },
    ),
    timeoutMs: Type.Integer({ description: "An answer must be there within this.", minimum: 100, maximum: 60_000, default: 10_000 }),
    giveUpHours: Type.Integer({
      description: "A message that was not taken for so long is dead; a webhook that took nothing for so long is told nothing any more.",
      minimum: 1,
      maximum: 720,
      default: 72,
    }),
    keepDays: Type.Integer({
      description: "For how long messages that are over are kept, and can be sent again.",
      minimum: 1,
      maximum: 365,
      default: 14,
    }),
  },
  { description: "Webhooks that are added over the API: how they are told.", additionalProperties: false },
);
