-- module: audit
-- The entries move into a table of monthly partitions, and every entry gets a place in the hash chain of its tenant.
-- An entry is never changed: its link stands in a table of its own, which only the function audit_link writes.

ALTER TABLE audit_log RENAME TO audit_log_before_chain;
ALTER INDEX audit_log_pkey RENAME TO audit_log_before_chain_pkey;
ALTER INDEX audit_log_by_time RENAME TO audit_log_before_chain_by_time;
ALTER INDEX audit_log_by_resource RENAME TO audit_log_before_chain_by_resource;

CREATE SEQUENCE audit_log_entries AS bigint;

CREATE TABLE audit_log (
  tenant_id  text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  entry_id   bigint      NOT NULL DEFAULT nextval('audit_log_entries'),
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor      text        NOT NULL CHECK (length(actor) BETWEEN 1 AND 256),
  actor_kind text        NOT NULL CHECK (actor_kind IN ('human', 'agent', 'service')),
  action     text        NOT NULL CHECK (length(action) BETWEEN 1 AND 256),
  resource   text        NOT NULL CHECK (length(resource) BETWEEN 1 AND 512),
  outcome    text        NOT NULL CHECK (outcome IN ('allowed', 'denied', 'failed')),
  request_id text,
  details    jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
  personal   jsonb       CHECK (jsonb_typeof(personal) = 'object'),
  entry_text text        NOT NULL,
  PRIMARY KEY (tenant_id, entry_id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE audit_log_entries OWNED BY audit_log.entry_id;

COMMENT ON TABLE audit_log IS 'Who did what to which thing, and how it ended. Rows are only ever added; whole months leave once they are closed.';
COMMENT ON COLUMN audit_log.entry_id IS 'Order of insertion. Ids may become visible out of order and have gaps; the order that is proven is audit_chain.seq.';
COMMENT ON COLUMN audit_log.at IS 'When the entry was written, by the clock of the database.';
COMMENT ON COLUMN audit_log.action IS 'noun.verb, such as task.create.';
COMMENT ON COLUMN audit_log.resource IS 'kind/id, such as task/t-1.';
COMMENT ON COLUMN audit_log.personal IS 'Where personal values belong to the entry: id and subject of their row in audit_personal, and the commitment to them.';
COMMENT ON COLUMN audit_log.entry_text IS 'The entry as it is hashed: RFC 8785 by the writer, else a text that the database made, with a member "form".';

CREATE INDEX audit_log_by_resource ON audit_log (tenant_id, resource, entry_id);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor, entry_id);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, entry_id);

CREATE TABLE audit_unlinked (
  tenant_id text        NOT NULL,
  entry_id  bigint      NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, entry_id)
);

COMMENT ON TABLE audit_unlinked IS 'Entries that wait for their place in the chain: a queue, written by a trigger and emptied by audit_link.';

CREATE TABLE audit_chain (
  tenant_id text        NOT NULL,
  seq       bigint      NOT NULL CHECK (seq >= 1),
  entry_id  bigint      NOT NULL,
  at        timestamptz NOT NULL,
  prev_hash bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash      bytea       NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, seq, at)
) PARTITION BY RANGE (at);

COMMENT ON TABLE audit_chain IS 'The hash chain of each tenant: one link for each entry, in the order that is proven.';
COMMENT ON COLUMN audit_chain.seq IS '1, 2, 3 … within a tenant, without gaps but for the segments that were closed.';
COMMENT ON COLUMN audit_chain.at IS 'The entry''s own instant, so that entry and link stand in partitions of the same month.';
COMMENT ON COLUMN audit_chain.hash IS 'audit_link_hash of the entry and of the hash before it.';

CREATE INDEX audit_chain_by_entry ON audit_chain (tenant_id, entry_id);

CREATE TABLE audit_chain_heads (
  tenant_id      text        PRIMARY KEY,
  seq            bigint      NOT NULL DEFAULT 0 CHECK (seq >= 0),
  hash           bytea       NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(hash) = 32),
  checkpoint_seq bigint      NOT NULL DEFAULT 0,
  checkpoint_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE audit_chain_heads IS 'The end of each tenant''s chain; its row is the lock under which the chain grows.';
COMMENT ON COLUMN audit_chain_heads.checkpoint_seq IS 'The last link that a checkpoint outside the database names.';

CREATE TABLE audit_segments (
  tenant_id  text        NOT NULL,
  first_seq  bigint      NOT NULL,
  last_seq   bigint      NOT NULL,
  prev_hash  bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
  last_hash  bytea       NOT NULL CHECK (octet_length(last_hash) = 32),
  closed_at  timestamptz NOT NULL,
  key_id     text        NOT NULL CHECK (length(key_id) BETWEEN 1 AND 256),
  signature  bytea       NOT NULL,
  PRIMARY KEY (tenant_id, first_seq),
  CHECK (first_seq BETWEEN 1 AND last_seq)
);

COMMENT ON TABLE audit_segments IS 'Parts of chains whose entries were removed when their time of retention was over, each signed, so that the rest can still be proven.';

CREATE TABLE audit_subject_keys (
  tenant_id   text  NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  subject     text  NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
  wrapped_key bytea NOT NULL,
  PRIMARY KEY (tenant_id, subject)
);

COMMENT ON TABLE audit_subject_keys IS 'One key for the personal values of one subject, itself encrypted. Without its row those values are gone.';
COMMENT ON COLUMN audit_subject_keys.subject IS 'A keyed digest of the subject''s id, so that the table names nobody.';

CREATE TABLE audit_personal (
  tenant_id   text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  personal_id uuid        NOT NULL,
  subject     text        NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
  sealed      bytea       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, personal_id)
);

COMMENT ON TABLE audit_personal IS 'Personal values of audit entries, encrypted with the key of their subject. The chain holds only a commitment to them.';

CREATE INDEX audit_personal_by_subject ON audit_personal (tenant_id, subject);
CREATE INDEX audit_personal_by_age ON audit_personal (created_at);

-- Refusing change: rows of the log, the chain and the closed segments are only ever added.

CREATE OR REPLACE FUNCTION audit_log_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
  FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_segments_append_only BEFORE UPDATE OR DELETE ON audit_segments
  FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_segments_no_truncate BEFORE TRUNCATE ON audit_segments
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();

-- Partitions: whole months in UTC, made ahead; what no month takes falls into the rest, so that no insert fails.

CREATE FUNCTION audit_add_partition(suffix text, bounds text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  child  text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['audit_log', 'audit_chain'] LOOP
    child := parent || '_' || suffix;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I %s', child, parent, bounds);
    EXECUTE format('COMMENT ON TABLE %I IS %L', child, 'A part of ' || parent || '.');
    EXECUTE format(
      'CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change()',
      child || '_no_truncate', child);
  END LOOP;
END $$;

COMMENT ON FUNCTION audit_add_partition IS 'Makes a partition of the log and the one of the chain beside it, neither of which can be truncated.';

CREATE FUNCTION audit_add_months(from_at timestamptz, months_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', from_at AT TIME ZONE 'UTC');
  past  timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + make_interval(months => months_ahead + 1);
  since timestamptz;
  until timestamptz;
  added integer := 0;
BEGIN
  WHILE month < past LOOP
    since := month AT TIME ZONE 'UTC';
    until := (month + interval '1 month') AT TIME ZONE 'UTC';
    IF to_regclass('audit_log_' || to_char(month, 'YYYY_MM')) IS NULL THEN
      -- Two at once would both try; the second one looks again once the first is done.
      PERFORM pg_advisory_xact_lock(hashtext('audit_add_months'), hashtext(current_schema()::text));
      IF to_regclass('audit_log_' || to_char(month, 'YYYY_MM')) IS NULL
         AND NOT EXISTS (SELECT FROM audit_log_rest WHERE at >= since AND at < until)
         AND NOT EXISTS (SELECT FROM audit_chain_rest WHERE at >= since AND at < until) THEN
        PERFORM audit_add_partition(to_char(month, 'YYYY_MM'), format('FOR VALUES FROM (%L) TO (%L)', since, until));
        added := added + 1;
      END IF;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN added;
END $$;

COMMENT ON FUNCTION audit_add_months IS 'Makes the partitions of each month from an instant to some months ahead; a month that the rest already holds rows of stays there.';

CREATE FUNCTION audit_prepare_months(months_ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months_ahead must be from 0 to 24' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN audit_add_months(clock_timestamp(), months_ahead);
END $$;

COMMENT ON FUNCTION audit_prepare_months IS 'Makes the partitions of this month and some months ahead, and says how many were wanting.';

SELECT audit_add_partition('rest', 'DEFAULT');

-- The text of an entry whose writer gave none.

CREATE FUNCTION audit_database_text(entry audit_log, form text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT (jsonb_build_object(
    'form', form,
    'tenantId', entry.tenant_id,
    'actor', jsonb_build_object('id', entry.actor, 'kind', entry.actor_kind) ||
             CASE WHEN entry.request_id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('requestId', entry.request_id) END,
    'action', entry.action,
    'resource', entry.resource,
    'outcome', entry.outcome,
    'details', entry.details
  ) || CASE WHEN entry.personal IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('personal', entry.personal) END)::text
$$;

CREATE FUNCTION audit_log_write_text() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  NEW.entry_text := audit_database_text(NEW, 'database');
  RETURN NEW;
END $$;

CREATE TRIGGER audit_log_text BEFORE INSERT ON audit_log
  FOR EACH ROW WHEN (NEW.entry_text IS NULL) EXECUTE FUNCTION audit_log_write_text();

CREATE FUNCTION audit_log_enqueue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO audit_unlinked (tenant_id, entry_id, at) SELECT tenant_id, entry_id, at FROM added;
  RETURN NULL;
END $$;

CREATE TRIGGER audit_log_enqueue AFTER INSERT ON audit_log REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_enqueue();

-- The chain.

CREATE FUNCTION audit_hash_field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT int4send(octet_length(value)) || value
$$;

CREATE FUNCTION audit_link_hash(tenant_id text, seq bigint, entry_id bigint, at timestamptz, entry_text text, prev_hash bytea)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(
    audit_hash_field('golden-arch-audit-v1'::bytea) ||
    audit_hash_field(convert_to(tenant_id, 'UTF8')) ||
    audit_hash_field(int8send(seq)) ||
    audit_hash_field(int8send(entry_id)) ||
    audit_hash_field(int8send((extract(epoch FROM at) * 1000000)::bigint)) ||
    audit_hash_field(convert_to(entry_text, 'UTF8')) ||
    audit_hash_field(prev_hash))
$$;

COMMENT ON FUNCTION audit_link_hash IS 'SHA-256 over fields that each carry their length in four bytes: a tag, tenant, sequence, entry id, microseconds since 1970, the entry''s text, the hash before.';

CREATE FUNCTION audit_link(for_tenant text, max_entries integer, waits boolean) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  head_seq   bigint;
  head_hash  bytea;
  before     bytea;
  linked     integer := 0;
  unlinked   record;
BEGIN
  INSERT INTO audit_chain_heads (tenant_id) VALUES (for_tenant) ON CONFLICT DO NOTHING;
  IF waits THEN
    SELECT seq, hash INTO head_seq, head_hash FROM audit_chain_heads WHERE tenant_id = for_tenant FOR UPDATE;
  ELSE
    SELECT seq, hash INTO head_seq, head_hash FROM audit_chain_heads WHERE tenant_id = for_tenant FOR UPDATE SKIP LOCKED;
  END IF;
  IF head_seq IS NULL THEN
    RETURN 0;
  END IF;
  -- Read after the lock: whoever held it before has committed, and this statement sees what is left.
  FOR unlinked IN
    SELECT l.entry_id, l.at, l.entry_text
      FROM audit_unlinked u JOIN audit_log l ON l.tenant_id = u.tenant_id AND l.entry_id = u.entry_id AND l.at = u.at
     WHERE u.tenant_id = for_tenant ORDER BY u.entry_id LIMIT max_entries
  LOOP
    before := head_hash;
    head_seq := head_seq + 1;
    head_hash := audit_link_hash(for_tenant, head_seq, unlinked.entry_id, unlinked.at, unlinked.entry_text, before);
    INSERT INTO audit_chain (tenant_id, seq, entry_id, at, prev_hash, hash)
      VALUES (for_tenant, head_seq, unlinked.entry_id, unlinked.at, before, head_hash);
    DELETE FROM audit_unlinked WHERE tenant_id = for_tenant AND entry_id = unlinked.entry_id;
    linked := linked + 1;
  END LOOP;
  IF linked > 0 THEN
    UPDATE audit_chain_heads SET seq = head_seq, hash = head_hash WHERE tenant_id = for_tenant;
  END IF;
  RETURN linked;
END $$;

COMMENT ON FUNCTION audit_link IS 'Gives entries of a tenant that wait their places at the end of its chain and says how many; none where another runs and this one does not wait.';

CREATE FUNCTION audit_note_checkpoint(for_tenant text, checkpointed_seq bigint) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  UPDATE audit_chain_heads SET checkpoint_seq = greatest(checkpoint_seq, checkpointed_seq), checkpoint_at = clock_timestamp()
   WHERE tenant_id = for_tenant AND checkpointed_seq <= seq
$$;

COMMENT ON FUNCTION audit_note_checkpoint IS 'Remembers up to where the chain of a tenant is named by a checkpoint outside the database.';

CREATE FUNCTION audit_erase_subject(for_tenant text, of_subject text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  had_key boolean;
BEGIN
  DELETE FROM audit_subject_keys WHERE tenant_id = for_tenant AND subject = of_subject;
  had_key := FOUND;
  DELETE FROM audit_personal WHERE tenant_id = for_tenant AND subject = of_subject;
  RETURN had_key;
END $$;

COMMENT ON FUNCTION audit_erase_subject IS 'Deletes the key of a subject and the values encrypted with it; says whether there was one.';

-- What runs with the owner's rights finds its tables here and nowhere else.

DO $$
DECLARE
  signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'audit_prepare_months(integer)', 'audit_log_write_text()', 'audit_log_enqueue()', 'audit_link(text, integer, boolean)',
    'audit_note_checkpoint(text, bigint)', 'audit_erase_subject(text, text)'
  ] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', signature, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
END $$;

CREATE FUNCTION audit_grant_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
  EXECUTE format('GRANT SELECT ON audit_log, audit_unlinked, audit_chain, audit_chain_heads, audit_segments TO %I', role_name);
  EXECUTE format('GRANT SELECT, INSERT ON audit_subject_keys, audit_personal TO %I', role_name);
  EXECUTE format(
    'GRANT INSERT (tenant_id, actor, actor_kind, action, resource, outcome, request_id, details, personal, entry_text) ON audit_log TO %I',
    role_name);
  EXECUTE format('GRANT USAGE ON SEQUENCE audit_log_entries TO %I', role_name);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION audit_link(text, integer, boolean), audit_prepare_months(integer),
       audit_note_checkpoint(text, bigint), audit_erase_subject(text, text) TO %I',
    role_name);
END $$;

COMMENT ON FUNCTION audit_grant_application IS 'Gives a role what an application needs of the audit log: to add, to read, to link. Never to change or to remove.';

-- What was written before there was a chain is carried over as it is, its text marked "carried", and waits for its link.

SELECT audit_add_months(least(clock_timestamp(), coalesce((SELECT min(at) FROM audit_log_before_chain), clock_timestamp())), 1);

INSERT INTO audit_log (tenant_id, entry_id, at, actor, actor_kind, action, resource, outcome, request_id, details, entry_text)
SELECT tenant_id, entry_id, at, actor, actor_kind, action, resource, outcome, request_id, details,
       audit_database_text(
         ROW(tenant_id, entry_id, at, actor, actor_kind, action, resource, outcome, request_id, details, NULL, '')::audit_log, 'carried')
  FROM audit_log_before_chain ORDER BY entry_id;

SELECT setval('audit_log_entries', greatest((SELECT max(entry_id) FROM audit_log_before_chain), 1),
              EXISTS (SELECT FROM audit_log_before_chain));

DROP TABLE audit_log_before_chain;
