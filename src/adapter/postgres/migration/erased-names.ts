import { Migration } from "@mikro-orm/migrations";

/** Whoever was erased may be suppressed again, under the hash; an opt-out revokes their consents as anybody's. */
export class ErasedNames extends Migration {
  override up(): void {
    this.addSql(`create or replace function revoke_consent() returns trigger language plpgsql as $$
declare whom text; named text; meant text;
begin
  if new.campaign_id is not null then
    select purpose into meant from campaign_safeguard where campaign_id = new.campaign_id;
    if meant is null then return null; end if;
  end if;
  whom := case when new.number is not null then 'number' when new.mailbox is not null then 'mailbox' when new.subject is not null then new.subject_kind else 'client-id' end;
  named := coalesce(new.number, new.mailbox, new.client_id);
  insert into consent (kind, subject_kind, subject, channel, purpose, obtained_at, source, proof, recorded_by, suppression_id)
  values ('revocation', whom, coalesce(new.subject, encode(sha256(evidence_key() || convert_to(whom || ':' || named, 'UTF8')), 'hex')), new.channel, meant,
    new.created_at, new.source, new.reason, coalesce(new.recorded_by, ''), new.id);
  return null;
end $$`);
  }
}
