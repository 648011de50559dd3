-- module: governance
CREATE TABLE escalations (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  escalation_id   text        NOT NULL CHECK (length(escalation_id) BETWEEN 1 AND 64),
  project_id      text        NOT NULL CHECK (length(project_id) BETWEEN 1 AND 128),
  task_id         text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  reason          text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 256),
  level           text        NOT NULL CHECK (level IN ('supervisor', 'human')),
  status          text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'resolved')),
  details         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
  raised_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  acknowledged_by text        CHECK (length(acknowledged_by) BETWEEN 1 AND 256),
  acknowledged_at timestamptz,
  resolved_by     text        CHECK (length(resolved_by) BETWEEN 1 AND 256),
  resolved_at     timestamptz,
  resolution      text        CHECK (length(resolution) BETWEEN 1 AND 4000),
  position        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, escalation_id),
  UNIQUE (tenant_id, task_id, reason),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolved_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolution IS NULL)),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (status <> 'acknowledged' OR acknowledged_at IS NOT NULL),
  CHECK (status <> 'open' OR acknowledged_at IS NULL)
);

COMMENT ON TABLE escalations IS 'What agents could not settle, for a supervisor and then a person. One row for each task and reason.';
COMMENT ON COLUMN escalations.resolution IS 'What the person decided, in words.';

CREATE INDEX escalations_by_status ON escalations (tenant_id, status, position);
CREATE INDEX escalations_by_project ON escalations (tenant_id, project_id, position);
