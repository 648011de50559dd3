export {
  MemoryKeyValueStore,
  type MemoryKeyValueStoreOptions,
} from './adapters/memory/memory-key-value-store.ts'
export { endWithClient } from './adapters/pg/end-with-client.ts'
export { PgDatabase } from './adapters/pg/pg-database.ts'
export type { PgDatabaseOptions } from './adapters/pg/pg-database-options.ts'
export type {
  PgNotification,
  PgPool,
  PgPoolClient,
  PgQuery,
  PgQueryResult,
} from './adapters/pg/pg-pool.ts'
export { durableStartParams } from './adapters/pglite/durable-commits.ts'
export type { PgliteClient, PgliteQueryOptions, PgliteResult } from './adapters/pglite/pglite-client.ts'
export {
  PgliteDatabase,
  type PgliteDatabaseOptions,
} from './adapters/pglite/pglite-database.ts'
export type { RedisClient } from './adapters/redis/redis-client.ts'
export {
  RedisKeyValueStore,
  type RedisKeyValueStoreOptions,
} from './adapters/redis/redis-key-value-store.ts'
export { jsonText } from './json-text.ts'
export {
  type OrderedPageBounds,
  type OrderedPageOptions,
  orderedPageBounds,
  type Page,
  type PageBounds,
  type PageOptions,
  pageBounds,
  pageOf,
} from './page.ts'
export type { DatabaseClock } from './ports/database-clock.ts'
export type { KeyValueStore, SetOptions } from './ports/key-value-store.ts'
export type {
  ListenOptions,
  QueryOptions,
  SqlCapabilities,
  SqlDatabase,
  SqlDurability,
  SqlExecutor,
  SqlResult,
  SqlSession,
  SqlTransaction,
  TransactionOptions,
} from './ports/sql-database.ts'
export { type ForgetOptions, forgetInBatches, requireRetention } from './retention.ts'
export { StorageError, type StorageErrorCode, type StorageErrorFacts } from './storage-error.ts'
