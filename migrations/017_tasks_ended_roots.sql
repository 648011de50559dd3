-- module: tasks
-- migrate:no-transaction
CREATE INDEX CONCURRENTLY tasks_ended_roots ON tasks (updated_at)
  WHERE kind = 'root' AND status IN ('completed', 'failed', 'cancelled');
