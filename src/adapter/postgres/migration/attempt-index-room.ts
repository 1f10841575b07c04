import { Migration } from "@mikro-orm/migrations";

/**
 * Room in the pages of indexes, too: when an attempt ends, its row is written once more, and an entry beside the old one in each of these. Filled to nine tenths, as the next ones come in order of their ids
 * or times, a page has to be split then, or searched for what is dead: with room for both entries an ending takes PostgreSQL a tenth less, and more.
 */
export class AttemptIndexRoom extends Migration {
  override up(): void {
    for (const index of ["attempt_campaign_id_id_index", "attempt_contact_id_reserved_at_index", "attempt_address_reserved_at_index"])
      this.addSql(`alter index "${index}" set (fillfactor = 45)`);
  }
}
