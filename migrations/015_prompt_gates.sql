-- module: governance
CREATE TABLE prompt_evaluations (
  tenant_id          text             NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  agent_role         text             NOT NULL REFERENCES learning_governance (agent_role),
  content_sha256     text             NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{64}$'),
  dataset            text             NOT NULL CHECK (length(dataset) BETWEEN 1 AND 256),
  samples            integer          NOT NULL CHECK (samples BETWEEN 1 AND 1000000000),
  successes          integer          CHECK (successes BETWEEN 0 AND samples),
  mean               double precision CHECK (abs(mean) <= 1e100),
  standard_deviation double precision CHECK (standard_deviation BETWEEN 0 AND 1e100),
  recorded_by        text             NOT NULL CHECK (length(recorded_by) BETWEEN 1 AND 256),
  recorded_by_kind   text             NOT NULL CHECK (recorded_by_kind IN ('human', 'service')),
  recorded_at        timestamptz      NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, agent_role, content_sha256, dataset),
  CHECK ((successes IS NULL) = (mean IS NOT NULL)),
  CHECK ((mean IS NULL) = (standard_deviation IS NULL)),
  CHECK (mean IS NULL OR samples >= 2)
);

COMMENT ON TABLE prompt_evaluations IS 'How a text did on a dataset, once: another try of the same text on the same dataset is refused, so that nobody tries until it passes.';
COMMENT ON COLUMN prompt_evaluations.content_sha256 IS 'SHA-256 of the text in UTF-8, lower-case hexadecimal. The text need not be a version yet.';
COMMENT ON COLUMN prompt_evaluations.dataset IS 'Name of the dataset, with its version: results on different data do not compare.';
COMMENT ON COLUMN prompt_evaluations.successes IS 'Of the samples; null where the result is a mean.';

CREATE TABLE prompt_canaries (
  tenant_id             text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  canary_id             text        NOT NULL CHECK (length(canary_id) BETWEEN 1 AND 256),
  agent_role            text        NOT NULL REFERENCES learning_governance (agent_role),
  version               integer     NOT NULL,
  base_version          integer     NOT NULL,
  content_sha256        text        NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{64}$'),
  share_milli           integer     NOT NULL CHECK (share_milli BETWEEN 1 AND 999),
  tasks_wanted          integer     NOT NULL CHECK (tasks_wanted BETWEEN 1 AND 100000),
  max_tasks             integer     NOT NULL CHECK (max_tasks BETWEEN tasks_wanted AND 100000),
  tolerated_ratio_milli integer     NOT NULL CHECK (tolerated_ratio_milli BETWEEN 1000 AND 10000),
  false_alarm_milli     integer     NOT NULL CHECK (false_alarm_milli BETWEEN 1 AND 200),
  status                text        NOT NULL DEFAULT 'running'
                                    CHECK (status IN ('running', 'rolled-back', 'passed', 'inconclusive', 'stopped', 'promoted', 'superseded')),
  canary_tasks          integer     NOT NULL DEFAULT 0,
  canary_failures       integer     NOT NULL DEFAULT 0 CHECK (canary_failures BETWEEN 0 AND canary_tasks),
  production_tasks      integer     NOT NULL DEFAULT 0,
  production_failures   integer     NOT NULL DEFAULT 0 CHECK (production_failures BETWEEN 0 AND production_tasks),
  started_by            text        NOT NULL CHECK (length(started_by) BETWEEN 1 AND 256),
  started_by_kind       text        NOT NULL CHECK (started_by_kind IN ('human', 'agent', 'service')),
  started_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at              timestamptz,
  ended_by              text        CHECK (length(ended_by) BETWEEN 1 AND 256),
  position              bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, canary_id),
  FOREIGN KEY (tenant_id, agent_role, version) REFERENCES prompts (tenant_id, agent_role, version),
  FOREIGN KEY (tenant_id, agent_role, base_version) REFERENCES prompts (tenant_id, agent_role, version),
  CHECK (version <> base_version),
  CHECK (canary_tasks + production_tasks <= max_tasks),
  CHECK ((status = 'running') = (ended_at IS NULL)),
  CHECK (status = 'running' OR status IN ('promoted', 'superseded') OR ended_by IS NOT NULL)
);

COMMENT ON TABLE prompt_canaries IS 'Trials of a version on a share of the tasks, beside the version in force. They promote nothing.';
COMMENT ON COLUMN prompt_canaries.base_version IS 'The version in force when the trial began; the trial ends when another comes into force.';
COMMENT ON COLUMN prompt_canaries.tasks_wanted IS 'Outcomes of the version on trial with which the trial is passed.';
COMMENT ON COLUMN prompt_canaries.max_tasks IS 'Outcomes of both versions with which the trial ends in any case.';
COMMENT ON COLUMN prompt_canaries.tolerated_ratio_milli IS 'How much more often than the version in force the trial may fail, in thousandths.';
COMMENT ON COLUMN prompt_canaries.false_alarm_milli IS 'Most chance, in thousandths, to roll back a version within the tolerated ratio.';
COMMENT ON COLUMN prompt_canaries.status IS 'promoted: this version came into force; superseded: another did.';

CREATE UNIQUE INDEX prompt_canaries_running ON prompt_canaries (tenant_id, agent_role) WHERE status = 'running';
CREATE INDEX prompt_canaries_by_version ON prompt_canaries (tenant_id, agent_role, version, base_version);
CREATE INDEX prompt_canaries_by_base ON prompt_canaries (tenant_id, agent_role, base_version);

CREATE TABLE prompt_canary_outcomes (
  tenant_id   text        NOT NULL,
  canary_id   text        NOT NULL,
  task_id     text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  on_trial    boolean     NOT NULL,
  succeeded   boolean     NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, canary_id, task_id),
  FOREIGN KEY (tenant_id, canary_id) REFERENCES prompt_canaries (tenant_id, canary_id)
);

COMMENT ON TABLE prompt_canary_outcomes IS 'How each task of a trial ended, each once, at most max_tasks; those of ended trials go when the role''s next one starts.';
COMMENT ON COLUMN prompt_canary_outcomes.on_trial IS 'Whether the task had the version on trial; otherwise the one in force.';

CREATE FUNCTION prompt_canary_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE prompt_canaries c
     SET ended_at = clock_timestamp(),
         status = CASE WHEN EXISTS (
           SELECT FROM prompt_labels l
            WHERE l.tenant_id = OLD.tenant_id AND l.agent_role = OLD.agent_role AND l.label = 'production'
              AND l.version = c.version) THEN 'promoted' ELSE 'superseded' END
   WHERE c.tenant_id = OLD.tenant_id AND c.agent_role = OLD.agent_role AND c.status = 'running';
  RETURN NULL;
END $$;

COMMENT ON FUNCTION prompt_canary_end IS 'A trial ends with its label, whoever takes that away.';

CREATE TRIGGER prompt_labels_end_canary AFTER DELETE ON prompt_labels
  FOR EACH ROW WHEN (OLD.label = 'canary') EXECUTE FUNCTION prompt_canary_end();
