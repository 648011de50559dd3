-- module: events
-- migrate:no-transaction
-- Published events by age, for those that are removed when their time is over.
CREATE INDEX CONCURRENTLY outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
