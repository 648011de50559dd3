-- module: governance
CREATE TABLE pattern_failures (
  tenant_id         text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  task_id           text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  guard             text        NOT NULL CHECK (length(guard) BETWEEN 1 AND 128),
  attempt           integer     NOT NULL CHECK (attempt >= 1),
  agent_role        text        NOT NULL CHECK (agent_role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  context_signature text        NOT NULL CHECK (length(context_signature) BETWEEN 1 AND 256),
  error_fingerprint text        NOT NULL CHECK (error_fingerprint ~ '^[0-9a-f]{32}$'),
  kind_id           text        NOT NULL CHECK (kind_id ~ '^[0-9a-f]{32}$'),
  fix_id            text        NOT NULL CHECK (length(fix_id) <= 128),
  has_succeeded     boolean     NOT NULL CHECK (NOT has_succeeded OR fix_id <> ''),
  failed_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  position          bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, task_id, guard, attempt)
);

COMMENT ON TABLE pattern_failures IS 'Failures of guards, the fix tried on each and what came of it. The error itself is not kept.';
COMMENT ON COLUMN pattern_failures.kind_id IS 'Digest of role, guard, context signature and fingerprint: what makes two failures of one kind.';
COMMENT ON COLUMN pattern_failures.fix_id IS 'Empty where no fix was tried.';

CREATE INDEX pattern_failures_by_age ON pattern_failures (tenant_id, failed_at, position);
CREATE INDEX pattern_failures_by_kind ON pattern_failures (tenant_id, kind_id, failed_at);

CREATE TABLE pattern_trials (
  tenant_id text    NOT NULL,
  kind_id   text    NOT NULL,
  fix_id    text    NOT NULL,
  task_id   text    NOT NULL,
  attempts  integer NOT NULL CHECK (attempts >= 0),
  failures  integer NOT NULL CHECK (failures BETWEEN 0 AND attempts),
  PRIMARY KEY (tenant_id, kind_id, fix_id, task_id)
);

COMMENT ON TABLE pattern_trials IS 'What came of a fix in a task, kept by a trigger of pattern_failures.';
COMMENT ON COLUMN pattern_trials.failures IS 'A task in which it failed once does not count as a success.';

CREATE TABLE pattern_counts (
  tenant_id         text    NOT NULL,
  kind_id           text    NOT NULL,
  fix_id            text    NOT NULL,
  agent_role        text    NOT NULL,
  guard             text    NOT NULL,
  context_signature text    NOT NULL,
  error_fingerprint text    NOT NULL,
  tasks             integer NOT NULL CHECK (tasks >= 0),
  succeeded         integer NOT NULL CHECK (succeeded BETWEEN 0 AND tasks),
  PRIMARY KEY (tenant_id, kind_id, fix_id)
);

COMMENT ON TABLE pattern_counts IS 'In how many tasks each fix was tried on each kind of failure, kept by a trigger of pattern_failures.';
COMMENT ON COLUMN pattern_counts.succeeded IS 'Tasks in which it succeeded each time that it was tried.';

CREATE INDEX pattern_counts_by_tasks ON pattern_counts (tenant_id, tasks DESC, kind_id COLLATE "C", fix_id COLLATE "C");

CREATE FUNCTION pattern_failures_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  failure pattern_failures := CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END;
  step    integer          := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
  failed  integer          := CASE WHEN failure.has_succeeded THEN 0 ELSE step END;
  trial   pattern_trials;
  had     integer;
  had_bad integer;
BEGIN
  IF failure.fix_id = '' THEN
    RETURN NULL;
  END IF;
  IF step = 1 THEN
    INSERT INTO pattern_trials AS t (tenant_id, kind_id, fix_id, task_id, attempts, failures)
    VALUES (failure.tenant_id, failure.kind_id, failure.fix_id, failure.task_id, 1, failed)
    ON CONFLICT (tenant_id, kind_id, fix_id, task_id)
      DO UPDATE SET attempts = t.attempts + 1, failures = t.failures + EXCLUDED.failures
    RETURNING * INTO trial;
    INSERT INTO pattern_counts
    VALUES (failure.tenant_id, failure.kind_id, failure.fix_id, failure.agent_role, failure.guard,
            failure.context_signature, failure.error_fingerprint, 0, 0)
    ON CONFLICT (tenant_id, kind_id, fix_id) DO NOTHING;
  ELSE
    UPDATE pattern_trials t SET attempts = t.attempts - 1, failures = t.failures + failed
     WHERE t.tenant_id = failure.tenant_id AND t.kind_id = failure.kind_id
       AND t.fix_id = failure.fix_id AND t.task_id = failure.task_id
    RETURNING * INTO trial;
  END IF;
  had := trial.attempts - step;
  had_bad := trial.failures - failed;
  UPDATE pattern_counts c
     SET tasks = c.tasks + (trial.attempts > 0)::integer - (had > 0)::integer,
         succeeded = c.succeeded + (trial.attempts > 0 AND trial.failures = 0)::integer - (had > 0 AND had_bad = 0)::integer
   WHERE c.tenant_id = failure.tenant_id AND c.kind_id = failure.kind_id AND c.fix_id = failure.fix_id;
  IF trial.attempts = 0 THEN
    DELETE FROM pattern_trials t
     WHERE t.tenant_id = failure.tenant_id AND t.kind_id = failure.kind_id
       AND t.fix_id = failure.fix_id AND t.task_id = failure.task_id;
    DELETE FROM pattern_counts c
     WHERE c.tenant_id = failure.tenant_id AND c.kind_id = failure.kind_id AND c.fix_id = failure.fix_id AND c.tasks = 0;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER pattern_failures_counted AFTER INSERT OR DELETE ON pattern_failures
  FOR EACH ROW EXECUTE FUNCTION pattern_failures_count();

CREATE FUNCTION pattern_failures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a recorded failure never changes: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER pattern_failures_no_change
  BEFORE UPDATE OF tenant_id, task_id, kind_id, fix_id, has_succeeded ON pattern_failures
  FOR EACH ROW EXECUTE FUNCTION pattern_failures_refuse_change();
CREATE TRIGGER pattern_failures_no_truncate BEFORE TRUNCATE ON pattern_failures
  FOR EACH STATEMENT EXECUTE FUNCTION pattern_failures_refuse_change();

CREATE TABLE pattern_updates (
  tenant_id     text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  update_id     text        NOT NULL CHECK (length(update_id) BETWEEN 1 AND 256),
  agent_role    text        NOT NULL CHECK (agent_role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  base_version  integer     NOT NULL CHECK (base_version >= 1),
  status        text        NOT NULL CHECK (status IN
                              ('proposing', 'pending', 'applied', 'refused', 'dropped', 'rolling-back', 'rolled-back')),
  content       text        CHECK (length(content) BETWEEN 1 AND 1000000),
  reason        text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
  version       integer     CHECK (version >= 1),
  applied_at    timestamptz,
  not_before    timestamptz,
  undone_from   integer,
  undone_reason text        CHECK (length(undone_reason) BETWEEN 1 AND 4000),
  claimed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, update_id),
  CHECK ((status IN ('proposing', 'pending')) = (content IS NOT NULL)),
  CHECK ((status IN ('applied', 'rolling-back', 'rolled-back')) = (applied_at IS NOT NULL)),
  CHECK ((applied_at IS NULL) = (version IS NULL)),
  CHECK (status <> 'rolling-back' OR (undone_from IS NOT NULL AND undone_reason IS NOT NULL))
);

COMMENT ON TABLE pattern_updates IS 'Updates of a prompt that were made of learnt patterns. Written before it is proposed, so that a crash proposes nothing twice.';
COMMENT ON COLUMN pattern_updates.content IS 'What is being proposed, word for word; kept until it is known what became of it.';
COMMENT ON COLUMN pattern_updates.not_before IS 'Until when a refused role is left alone.';
COMMENT ON COLUMN pattern_updates.status IS 'proposing: claimed, and not known yet what became of it; dropped: rejected, expired or stale; rolling-back: begun, and not known to be done.';
COMMENT ON COLUMN pattern_updates.undone_from IS 'The version in force when a rollback of this update began.';

CREATE UNIQUE INDEX pattern_updates_open ON pattern_updates (tenant_id, agent_role)
  WHERE status IN ('proposing', 'pending');
CREATE UNIQUE INDEX pattern_updates_undoing ON pattern_updates (tenant_id, agent_role) WHERE status = 'rolling-back';
CREATE INDEX pattern_updates_by_version ON pattern_updates (tenant_id, agent_role, version);

CREATE TABLE learnt_patterns (
  tenant_id         text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  pattern_id        text        NOT NULL CHECK (pattern_id ~ '^[0-9a-f]{32}$'),
  kind_id           text        NOT NULL CHECK (kind_id ~ '^[0-9a-f]{32}$'),
  agent_role        text        NOT NULL CHECK (agent_role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  guard             text        NOT NULL CHECK (length(guard) BETWEEN 1 AND 128),
  context_signature text        NOT NULL CHECK (length(context_signature) BETWEEN 1 AND 256),
  error_fingerprint text        NOT NULL CHECK (error_fingerprint ~ '^[0-9a-f]{32}$'),
  fix_id            text        NOT NULL CHECK (length(fix_id) BETWEEN 1 AND 128),
  status            text        NOT NULL CHECK (status IN ('free', 'proposed', 'applied', 'blocked')),
  update_id         text,
  generation        integer     NOT NULL DEFAULT 0 CHECK (generation >= 0),
  tasks             integer     NOT NULL CHECK (tasks >= 1),
  succeeded         integer     NOT NULL CHECK (succeeded BETWEEN 0 AND tasks),
  tasks_before      integer     CHECK (tasks_before >= 0),
  failed_before     integer     CHECK (failed_before BETWEEN 0 AND tasks_before),
  tasks_after       integer     CHECK (tasks_after >= 0),
  failed_after      integer     CHECK (failed_after BETWEEN 0 AND tasks_after),
  effect            text        NOT NULL DEFAULT 'unknown' CHECK (effect IN ('unknown', 'helpful', 'none', 'harmful')),
  block_reason      text        CHECK (block_reason IN ('harmful', 'rejected', 'undone-by-others')),
  changed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  position          bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, pattern_id),
  FOREIGN KEY (tenant_id, update_id) REFERENCES pattern_updates (tenant_id, update_id),
  CHECK ((status IN ('proposed', 'applied')) = (update_id IS NOT NULL)),
  CHECK ((status = 'blocked') = (block_reason IS NOT NULL)),
  CHECK ((tasks_before IS NULL) = (failed_before IS NULL)),
  CHECK ((tasks_after IS NULL) = (failed_after IS NULL))
);

COMMENT ON TABLE learnt_patterns IS 'Fixes that help against a kind of failure and were proposed for a prompt, and what came of it.';
COMMENT ON COLUMN learnt_patterns.status IS 'free: may be suggested again; blocked: only when a person has allowed it again.';
COMMENT ON COLUMN learnt_patterns.generation IS 'How often it was given back, so that a new proposal of it is another update.';
COMMENT ON COLUMN learnt_patterns.failed_before IS 'Tasks with a failed fix among tasks_before, the tasks with this kind of failure before it was applied.';

CREATE UNIQUE INDEX learnt_patterns_standing ON learnt_patterns (tenant_id, kind_id) WHERE status IN ('proposed', 'applied');
CREATE INDEX learnt_patterns_by_update ON learnt_patterns (tenant_id, update_id);
CREATE INDEX learnt_patterns_by_status ON learnt_patterns (tenant_id, status, position);
