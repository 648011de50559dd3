-- What a process with the role sandbox-executor alone needs of the database, with NATS beside it: to take the steps that are asked of it,
-- to wake their tasks, and to tell of their end. It reads no user, token, budget, prompt, task or audit entry; of steps it reads those of the other
-- services too, hence what models were asked and have answered.
-- Applied by the owner of the tables, once and after each release, as docs/kubernetes/install.md says; applied again it changes nothing.
GRANT SELECT ON schema_migrations TO sandbox_executor;
GRANT SELECT, UPDATE ON task_steps TO sandbox_executor;
GRANT SELECT (tenant_id, task_id, status), UPDATE (wake_at) ON tasks TO sandbox_executor;
GRANT INSERT, SELECT (event_id, position, created_at, published_at) ON outbox TO sandbox_executor;
