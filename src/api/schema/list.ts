import { Type } from "typebox";
import { addressKinds } from "../../contact/contact.ts";
import type { ContactView, ListView } from "../ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

export const listSchema = Type.Object({
  id: idSchema,
  name: Type.String(),
  contacts: Type.Integer({ description: "How many people stand on it." }),
  columns: Type.Array(Type.String(), { description: "What is known of them: the names that scripts and templates may use." }),
  createdAt: timeSchema,
});

export const contactSchema = Type.Object({
  id: idSchema,
  listId: Type.Optional(idSchema),
  clientId: Type.Optional(Type.String({ description: "The customer's own id of the person." })),
  timeZone: Type.Optional(Type.String({ description: "IANA zone of the person." })),
  addresses: Type.Array(
    Type.Object({
      id: idSchema,
      kind: Type.Enum([...addressKinds]),
      number: Type.Optional(Type.String({ description: "E.164; of every kind but `email`." })),
      mailbox: Type.Optional(Type.String({ description: "Of kind `email`." })),
    }),
  ),
  fields: Type.Record(Type.String(), Type.String(), { description: "Every other column of the file." }),
});

export function showList(list: ListView) {
  return { ...list, columns: [...(list.columns ?? [])], createdAt: timeText(list.createdAt) };
}

export function showContact(contact: ContactView) {
  const { listId, clientId, timeZone, ...rest } = contact;
  return {
    ...rest,
    ...(listId === undefined ? {} : { listId }),
    addresses: [...contact.addresses],
    fields: { ...contact.fields },
    ...(clientId === undefined ? {} : { clientId }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}
