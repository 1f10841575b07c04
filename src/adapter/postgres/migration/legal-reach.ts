import { Migration } from "@mikro-orm/migrations";

/** By what those are known whom a cap of the law may mean: of the caps that are kept by now, and from then on of those that are kept with each start. */
export class LegalReach extends Migration {
  override up(): void {
    this.addSql(
      `create table "legal_reach" ("id" smallint not null, "signs" jsonb not null, "state_field" text not null, "postal_field" text not null, primary key ("id"))`,
    );
    this.addSql(
      `insert into legal_reach (id, signs, state_field, postal_field)
       select 1, coalesce(jsonb_object_agg(means || sign, true), '{}'), coalesce(max(law->>'stateField'), ''), coalesce(max(law->>'postalField'), '')
       from frequency_cap cross join jsonb_array_elements_text(law->'channels') means
       cross join jsonb_array_elements_text((law->'numbers') || (law->'states') || (law->'zips')) sign where law is not null having count(*) > 0`,
    );
  }
}
