export { SqlAttemptStore } from './sql-attempt-store.ts'
export { SqlBroker } from './sql-broker.ts'
export type { SqlBrokerOptions } from './sql-broker-options.ts'
