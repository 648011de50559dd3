export { SqlAttemptStore } from './sql-attempt-store.ts'
export { SqlBroker } from './sql-broker.ts'
export { DEFAULT_SQL_BROKER_OPTIONS, type SqlBrokerOptions } from './sql-broker-options.ts'
