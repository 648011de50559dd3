-- module: tasks
-- Locks are taken from above: a parent before its child, a task before its steps. Whoever wants both in one transaction keeps to it.
CREATE TABLE tasks (
  tenant_id      text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  task_id        text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  project_id     text        NOT NULL CHECK (length(project_id) BETWEEN 1 AND 128),
  parent_task_id text,
  root_task_id   text        NOT NULL,
  depth          integer     NOT NULL DEFAULT 0 CHECK (depth BETWEEN 0 AND 33),
  kind           text        NOT NULL CHECK (kind IN ('root', 'child', 'remediation')),
  title          text        NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
  status         text        NOT NULL DEFAULT 'submitted' CHECK (status IN ('submitted', 'planning', 'executing',
                   'reviewing', 'waiting', 'escalated', 'completed', 'failed', 'cancelled')),
  status_reason  text,
  waiting_for    jsonb       CHECK (jsonb_typeof(waiting_for) = 'object'),
  resume_to      text        CHECK (resume_to IN ('submitted', 'planning', 'executing', 'reviewing', 'waiting')),
  version        bigint      NOT NULL DEFAULT 1 CHECK (version >= 1),
  attempts       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attempts) = 'object'),
  fixes          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(fixes) = 'object'),
  limits         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object'),
  input          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(input) = 'object'),
  evidence       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(evidence) = 'object'),
  is_admitted    boolean     NOT NULL DEFAULT false,
  wake_at        timestamptz,
  deadline_at    timestamptz,
  created_by     text        NOT NULL CHECK (length(created_by) BETWEEN 1 AND 256),
  trace          jsonb       CHECK (jsonb_typeof(trace) = 'object'),
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  position       bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, task_id),
  FOREIGN KEY (tenant_id, parent_task_id) REFERENCES tasks (tenant_id, task_id),
  FOREIGN KEY (tenant_id, root_task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((kind = 'root') = (parent_task_id IS NULL)),
  CHECK ((kind = 'root') = (root_task_id = task_id)),
  CHECK ((kind = 'root') = (depth = 0)),
  CHECK ((status IN ('waiting', 'escalated')) = (waiting_for IS NOT NULL)),
  CHECK ((waiting_for IS NULL) = (resume_to IS NULL)),
  CHECK (status NOT IN ('completed', 'failed', 'cancelled') OR wake_at IS NULL)
);

COMMENT ON TABLE tasks IS 'Work for agents: roots as asked for, their children by plan, and the remediation tasks that failed guards create.';
COMMENT ON COLUMN tasks.root_task_id IS 'The task at the top; a root names itself.';
COMMENT ON COLUMN tasks.depth IS 'Tasks above this one: 0 for a root.';
COMMENT ON COLUMN tasks.status_reason IS 'Why the task waits, failed or was escalated, as a short code.';
COMMENT ON COLUMN tasks.waiting_for IS 'What a task in waiting or escalated waits for: its children, a fix, or the word of a person.';
COMMENT ON COLUMN tasks.resume_to IS 'The status in which a task goes on that waits.';
COMMENT ON COLUMN tasks.version IS 'Grows by one with each transition; a transition names the version it was decided on.';
COMMENT ON COLUMN tasks.attempts IS 'Attempts begun, by step: {"generate": 2}.';
COMMENT ON COLUMN tasks.fixes IS 'Tries of fixes, by transition and guard: {"executing>reviewing/tests-passed": 1}.';
COMMENT ON COLUMN tasks.limits IS 'How far the task may grow: steps, children, depth.';
COMMENT ON COLUMN tasks.input IS 'What was asked for.';
COMMENT ON COLUMN tasks.evidence IS 'What the steps found, and what persons said; the guards read it.';
COMMENT ON COLUMN tasks.is_admitted IS 'Whether a root has its place among those that its tenant may have at work at once.';
COMMENT ON COLUMN tasks.wake_at IS 'When an orchestrator should look at the task; null: nobody needs to.';
COMMENT ON COLUMN tasks.deadline_at IS 'When the task fails if it has not ended; null: never.';
COMMENT ON COLUMN tasks.trace IS 'Where in a trace the task was made, as W3C Trace Context; null: nobody traced.';

-- For pages in order of position. Those without the status hold for queries alone that say depth >= 0, which every row
-- fulfils: for a status they would tempt the planner to walk along all that has another.
CREATE INDEX tasks_by_position ON tasks (tenant_id, position) WHERE depth >= 0;
CREATE INDEX tasks_by_status ON tasks (tenant_id, status, position);
CREATE INDEX tasks_by_project ON tasks (tenant_id, project_id, position) WHERE depth >= 0;
CREATE INDEX tasks_by_project_status ON tasks (tenant_id, project_id, status, position);
CREATE INDEX tasks_by_creator ON tasks (tenant_id, created_by, position) WHERE depth >= 0;
CREATE INDEX tasks_by_creator_status ON tasks (tenant_id, created_by, status, position);
CREATE INDEX tasks_by_parent ON tasks (tenant_id, parent_task_id, position) WHERE parent_task_id IS NOT NULL;
CREATE INDEX tasks_due ON tasks (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX tasks_overdue ON tasks (deadline_at)
  WHERE deadline_at IS NOT NULL AND status NOT IN ('completed', 'failed', 'cancelled');

CREATE INDEX tasks_open_roots ON tasks (tenant_id, is_admitted, position)
  WHERE kind = 'root' AND status NOT IN ('completed', 'failed', 'cancelled');
CREATE INDEX tasks_running_roots ON tasks (tenant_id, position)
  WHERE kind = 'root' AND is_admitted AND status NOT IN ('completed', 'failed', 'cancelled', 'escalated');

CREATE TABLE task_counts (
  tenant_id text   NOT NULL,
  status    text   NOT NULL,
  amount    bigint NOT NULL,
  position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

COMMENT ON TABLE task_counts IS 'How many tasks stand in each status, as a sum of changes: added, never updated, so that no two transactions wait for one row. Folded from time to time.';

CREATE INDEX task_counts_by_status ON task_counts (tenant_id, status) INCLUDE (amount);

CREATE FUNCTION task_counts_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_counts (tenant_id, status, amount)
    SELECT tenant_id, status, count(*) FROM changed GROUP BY tenant_id, status;
  RETURN NULL;
END $$;

CREATE FUNCTION task_counts_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_counts (tenant_id, status, amount)
    SELECT tenant_id, status, -count(*) FROM changed GROUP BY tenant_id, status;
  RETURN NULL;
END $$;

CREATE FUNCTION task_counts_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_counts (tenant_id, status, amount)
    VALUES (OLD.tenant_id, OLD.status, -1), (NEW.tenant_id, NEW.status, 1);
  RETURN NULL;
END $$;

CREATE TRIGGER task_counts_inserted AFTER INSERT ON tasks
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION task_counts_inserted();
CREATE TRIGGER task_counts_deleted AFTER DELETE ON tasks
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION task_counts_deleted();
CREATE TRIGGER task_counts_moved AFTER UPDATE OF status ON tasks
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION task_counts_moved();

CREATE TABLE task_fixes (
  tenant_id           text        NOT NULL,
  task_id             text        NOT NULL,
  fix_id              text        NOT NULL CHECK (length(fix_id) BETWEEN 1 AND 128),
  fix                 text        NOT NULL CHECK (length(fix) BETWEEN 1 AND 256),
  guard               text        NOT NULL CHECK (length(guard) BETWEEN 1 AND 256),
  reason              text        NOT NULL,
  transition          text        NOT NULL CHECK (length(transition) BETWEEN 3 AND 64),
  try                 integer     NOT NULL CHECK (try >= 1),
  action              jsonb       NOT NULL CHECK (jsonb_typeof(action) = 'object'),
  remediation_task_id text,
  outcome             text        NOT NULL CHECK (outcome IN ('started', 'succeeded', 'failed', 'refused')),
  started_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at            timestamptz,
  position            bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, task_id, fix_id),
  FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, task_id),
  FOREIGN KEY (tenant_id, remediation_task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((outcome = 'started') = (ended_at IS NULL))
);

COMMENT ON TABLE task_fixes IS 'What was tried of itself when a guard failed: one row for each try of a fix, written with the transition that it was decided in.';
COMMENT ON COLUMN task_fixes.fix_id IS 'Digest of task, transition, guard and try: one try has one row, however often it is asked for.';
COMMENT ON COLUMN task_fixes.reason IS 'Why the guard refused, as a short code.';
COMMENT ON COLUMN task_fixes.transition IS 'The move that the guard refused: executing>reviewing.';
COMMENT ON COLUMN task_fixes.outcome IS 'succeeded: the move was made; failed: the guard failed again, or the task ended without the move; refused: the action may not be done.';

CREATE INDEX task_fixes_by_task ON task_fixes (tenant_id, task_id, position);
CREATE INDEX task_fixes_by_remediation ON task_fixes (tenant_id, remediation_task_id) WHERE remediation_task_id IS NOT NULL;

CREATE TABLE task_steps (
  tenant_id    text        NOT NULL,
  task_id      text        NOT NULL,
  step_id      text        NOT NULL CHECK (length(step_id) BETWEEN 1 AND 256),
  service      text        NOT NULL CHECK (length(service) BETWEEN 1 AND 64),
  kind         text        NOT NULL CHECK (length(kind) BETWEEN 1 AND 256),
  request      jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(request) = 'object'),
  state        text        NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'running', 'done', 'failed', 'cancelled')),
  result       jsonb,
  error        jsonb,
  fence        bigint      NOT NULL DEFAULT 0 CHECK (fence >= 0),
  runs         integer     NOT NULL DEFAULT 0 CHECK (runs >= 0),
  max_runs     integer     NOT NULL CHECK (max_runs >= 1),
  timeout_ms   integer     NOT NULL CHECK (timeout_ms >= 1),
  lease_owner  text,
  due_at       timestamptz,
  deadline_at  timestamptz,
  trace        jsonb       CHECK (jsonb_typeof(trace) = 'object'),
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at     timestamptz,
  position     bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, task_id, step_id),
  FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((state = 'done') = (result IS NOT NULL)),
  CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
  CHECK ((state = 'running') = (deadline_at IS NOT NULL)),
  CHECK ((state IN ('requested', 'running')) = (due_at IS NOT NULL)),
  CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL))
);

COMMENT ON TABLE task_steps IS 'The steps of tasks, each a request to a service and its result: recorded, so that a run after a crash goes on from the last one.';
COMMENT ON COLUMN task_steps.step_id IS 'The step and its attempt: generate:2.';
COMMENT ON COLUMN task_steps.kind IS 'The sort of work: generate. Steps of one kind are compared to find loops.';
COMMENT ON COLUMN task_steps.error IS 'Why the last run failed.';
COMMENT ON COLUMN task_steps.fence IS 'Grows with each claim; what a holder writes counts only under the latest.';
COMMENT ON COLUMN task_steps.runs IS 'Runs that began and were not given back.';
COMMENT ON COLUMN task_steps.timeout_ms IS 'Milliseconds that one run may take.';
COMMENT ON COLUMN task_steps.due_at IS 'From when the step may be claimed: of a requested one after its pause, of a running one when its lease lapses.';
COMMENT ON COLUMN task_steps.deadline_at IS 'When the run that holds the step must have ended.';
COMMENT ON COLUMN task_steps.trace IS 'Where in a trace the step was asked for, as W3C Trace Context; null: nobody traced.';

CREATE INDEX task_steps_due ON task_steps (service, due_at) WHERE state IN ('requested', 'running') AND runs < max_runs;
CREATE INDEX task_steps_leases ON task_steps (due_at) WHERE state = 'running';

CREATE TABLE task_effects (
  tenant_id   text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  effect_id   text        NOT NULL CHECK (length(effect_id) BETWEEN 1 AND 512),
  task_id     text        NOT NULL,
  step_id     text,
  fence       bigint,
  state       text        NOT NULL CHECK (state IN ('intended', 'done', 'uncertain')),
  result      jsonb,
  intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at  timestamptz,
  PRIMARY KEY (tenant_id, effect_id),
  FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((step_id IS NULL) = (fence IS NULL)),
  CHECK ((state = 'done') = (result IS NOT NULL)),
  CHECK ((state = 'intended') = (settled_at IS NULL))
);

COMMENT ON TABLE task_effects IS 'Calls to the outside: intended before, done with the result after. An intention found after a crash is uncertain: it may or may not have happened.';
COMMENT ON COLUMN task_effects.fence IS 'The claim of the step under which the call was intended; null where it belongs to no step.';

CREATE INDEX task_effects_by_task ON task_effects (tenant_id, task_id);

CREATE TABLE task_quotas (
  tenant_id   text        PRIMARY KEY CHECK (length(tenant_id) BETWEEN 1 AND 128),
  max_open    integer     CHECK (max_open >= 0),
  max_running integer     CHECK (max_running >= 0),
  has_parked  boolean     NOT NULL DEFAULT false,
  looked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE task_quotas IS 'How many roots a tenant may have open, and how many at work at once; null: no bound of its own. Locked by whoever adds one, so that the bounds hold among any number of processes.';
COMMENT ON COLUMN task_quotas.looked_at IS 'When it was last seen whether there is a place for parked roots: the tenants take turns.';
COMMENT ON COLUMN task_quotas.has_parked IS 'Whether submitted roots of the tenant wait for a place among those at work.';

CREATE INDEX task_quotas_parked ON task_quotas (looked_at) WHERE has_parked;

CREATE TABLE agents (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  agent_id        text        NOT NULL CHECK (length(agent_id) BETWEEN 1 AND 128),
  role            text        NOT NULL CHECK (role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  status          text        NOT NULL DEFAULT 'idle' CHECK (status IN ('idle', 'working', 'disabled')),
  current_task_id text        CHECK (length(current_task_id) BETWEEN 1 AND 256),
  claimed_by      text        CHECK (length(claimed_by) BETWEEN 1 AND 256),
  claim           bigint      NOT NULL DEFAULT 0 CHECK (claim >= 0),
  model           text        CHECK (length(model) BETWEEN 1 AND 256),
  heartbeat_at    timestamptz,
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  position        bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, agent_id),
  CHECK ((status = 'working') = (current_task_id IS NOT NULL)),
  CHECK ((status = 'working') = (claimed_by IS NOT NULL)),
  CHECK (status <> 'working' OR heartbeat_at IS NOT NULL)
);

COMMENT ON TABLE agents IS 'The agents of a tenant, each in one role, and what each works on.';
COMMENT ON COLUMN agents.claim IS 'Grows with each claim; the holder of an older one has lost the agent.';
COMMENT ON COLUMN agents.heartbeat_at IS 'When its holder last told that it lives.';

CREATE INDEX agents_by_position ON agents (tenant_id, position);
CREATE INDEX agents_idle ON agents (tenant_id, role, updated_at) WHERE status = 'idle';
CREATE INDEX agents_working ON agents (tenant_id, role, heartbeat_at) WHERE status = 'working';
