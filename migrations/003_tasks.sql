-- module: tasks
CREATE TABLE tasks (
  tenant_id      text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  task_id        text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  project_id     text        NOT NULL CHECK (length(project_id) BETWEEN 1 AND 128),
  parent_task_id text,
  kind           text        NOT NULL CHECK (kind IN ('root', 'child', 'remediation')),
  title          text        NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
  status         text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'planning', 'waiting', 'generating',
                   'testing', 'reviewing', 'remediating', 'completed', 'failed', 'escalated', 'cancelled')),
  status_reason  text,
  version        bigint      NOT NULL DEFAULT 1 CHECK (version >= 1),
  attempts       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attempts) = 'object'),
  input          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(input) = 'object'),
  evidence       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(evidence) = 'object'),
  lease_owner    text,
  lease_until    timestamptz,
  failed_runs    integer     NOT NULL DEFAULT 0 CHECK (failed_runs >= 0),
  created_by     text        NOT NULL CHECK (length(created_by) BETWEEN 1 AND 256),
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  position       bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, task_id),
  FOREIGN KEY (tenant_id, parent_task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((kind = 'root') = (parent_task_id IS NULL)),
  CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);

COMMENT ON TABLE tasks IS 'Work for agents: roots as asked for, their children by plan, and the remediation tasks that failed guards create.';
COMMENT ON COLUMN tasks.status_reason IS 'Why the task failed or was escalated, as a short code.';
COMMENT ON COLUMN tasks.version IS 'Grows by one with each transition; a transition names the version it was decided on.';
COMMENT ON COLUMN tasks.attempts IS 'Attempts begun, by step: {"generate": 2}.';
COMMENT ON COLUMN tasks.input IS 'What was asked for.';
COMMENT ON COLUMN tasks.evidence IS 'What the stages found; the guards read it.';
COMMENT ON COLUMN tasks.lease_owner IS 'The runner that works on this root now; its lease ends at lease_until unless renewed.';
COMMENT ON COLUMN tasks.failed_runs IS 'Runs of this root that failed since it last changed its state; each makes the pause before the next one longer.';

CREATE INDEX tasks_by_parent ON tasks (tenant_id, parent_task_id, position) WHERE parent_task_id IS NOT NULL;
CREATE INDEX tasks_by_project ON tasks (tenant_id, project_id, position);
CREATE INDEX tasks_by_status ON tasks (tenant_id, status, position);
CREATE INDEX tasks_open_roots ON tasks (position)
  WHERE kind = 'root' AND status NOT IN ('completed', 'failed', 'escalated', 'cancelled');

CREATE TABLE task_effects (
  tenant_id   text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  effect_id   text        NOT NULL CHECK (length(effect_id) BETWEEN 1 AND 512),
  task_id     text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('intended', 'done', 'uncertain')),
  result      jsonb,
  intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at  timestamptz,
  PRIMARY KEY (tenant_id, effect_id),
  FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((state = 'done') = (result IS NOT NULL)),
  CHECK ((state = 'intended') = (settled_at IS NULL))
);

COMMENT ON TABLE task_effects IS 'Calls to the outside: intended before, done with the result after. An intention found after a crash is uncertain: it may or may not have happened.';

CREATE INDEX task_effects_by_task ON task_effects (tenant_id, task_id);

CREATE TABLE agents (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  agent_id        text        NOT NULL CHECK (length(agent_id) BETWEEN 1 AND 128),
  role            text        NOT NULL CHECK (role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  status          text        NOT NULL DEFAULT 'idle' CHECK (status IN ('idle', 'working', 'disabled')),
  current_task_id text,
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, agent_id),
  FOREIGN KEY (tenant_id, current_task_id) REFERENCES tasks (tenant_id, task_id),
  CHECK ((status = 'working') = (current_task_id IS NOT NULL))
);

COMMENT ON TABLE agents IS 'The agents of a tenant, each in one role, and what each works on.';

CREATE INDEX agents_by_role ON agents (tenant_id, role);
