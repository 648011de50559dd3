-- module: audit
CREATE TABLE audit_log (
  entry_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor      text        NOT NULL CHECK (length(actor) BETWEEN 1 AND 256),
  actor_kind text        NOT NULL CHECK (actor_kind IN ('human', 'agent', 'service')),
  action     text        NOT NULL CHECK (length(action) BETWEEN 1 AND 256),
  resource   text        NOT NULL CHECK (length(resource) BETWEEN 1 AND 512),
  outcome    text        NOT NULL CHECK (outcome IN ('allowed', 'denied', 'failed')),
  request_id text,
  details    jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object')
);

COMMENT ON TABLE audit_log IS 'Who did what to which thing, and how it ended. Rows are only ever added.';
COMMENT ON COLUMN audit_log.action IS 'noun.verb, such as task.create.';
COMMENT ON COLUMN audit_log.resource IS 'kind/id, such as task/t-1.';

CREATE INDEX audit_log_by_time ON audit_log (tenant_id, entry_id);
CREATE INDEX audit_log_by_resource ON audit_log (tenant_id, resource, entry_id);

CREATE FUNCTION audit_log_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();
