import { openOrm } from "../../src/adapter/postgres/orm.ts";

/** What is between the entities and the database as it is, in SQL; empty when they agree. */
export async function schemaDrift(url: string): Promise<string> {
  const orm = await openOrm(url);
  try {
    return await orm.schema.getUpdateSchemaSQL({ wrap: false });
  } finally {
    await orm.close();
  }
}
