import { Migration } from "@mikro-orm/migrations";

/** The key of the hashes of people may be sealed, and a recording that a script makes says whether the person agreed. */
export class EvidenceKey extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table "evidence_salt" alter column "salt" drop not null, add column "sealed" text null`,
  `alter table "evidence_salt" add constraint "evidence_salt_one_check" check (num_nonnulls(salt, sealed) = 1)`,
  // Whoever opens the database with secret.key says it on each connection. Without it, and sealed, nothing goes on: a hash that is not found would have an erased person called.
  `create function evidence_key() returns bytea language plpgsql stable parallel safe as $$
declare said text := current_setting('carillon.evidence_key', true); kept bytea;
begin
  if said <> '' then return decode(said, 'hex'); end if;
  select salt into kept from evidence_salt;
  if kept is null then
    raise exception 'the key of the hashes of people is sealed with secret.key, and this connection was not told it' using errcode = 'insufficient_privilege';
  end if;
  return kept;
end $$`,
  `create or replace function revoke_consent() returns trigger language plpgsql as $$
declare whom text; named text; meant text;
begin
  if new.campaign_id is not null then
    select purpose into meant from campaign_safeguard where campaign_id = new.campaign_id;
    if meant is null then return null; end if;
  end if;
  whom := case when new.number is not null then 'number' when new.mailbox is not null then 'mailbox' else 'client-id' end;
  named := coalesce(new.number, new.mailbox, new.client_id);
  insert into consent (kind, subject_kind, subject, channel, purpose, obtained_at, source, proof, recorded_by, suppression_id)
  values ('revocation', whom, encode(sha256(evidence_key() || convert_to(whom || ':' || named, 'UTF8')), 'hex'), new.channel, meant,
    new.created_at, new.source, new.reason, coalesce(new.recorded_by, ''), new.id);
  return null;
end $$`,

  `alter table "answer" add column "agreed" boolean null`,
  `create or replace function keep_recording() returns trigger language plpgsql as $$
begin
  insert into recording (attempt_id, file, kind, consent, at, state)
  select attempt_id, value, 'answer', case when agreed then 'agreed' else 'none' end, clock_timestamp(), 'kept'
  from rows_now where duration_ms is not null and value <> '' on conflict (file) do nothing;
  return null;
end $$`,
];
