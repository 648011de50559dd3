-- module: tasks
-- migrate:no-transaction
-- The tasks of a root, and for each task that is deleted whether another names it as its root.
CREATE INDEX CONCURRENTLY tasks_by_root ON tasks (tenant_id, root_task_id);
