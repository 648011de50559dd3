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
export { StorageError, type StorageErrorCode } from './storage-error.ts'
