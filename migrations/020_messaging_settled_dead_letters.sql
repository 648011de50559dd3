-- module: messaging
-- migrate:no-transaction
-- Settled dead letters by age, for those that are removed when their time is over.
CREATE INDEX CONCURRENTLY dlq_messages_settled ON dlq_messages (resolved_at) WHERE resolved_at IS NOT NULL;
