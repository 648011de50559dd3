export { describeKeyValueStoreContract, type KeyValueStoreUnderTest } from './key-value-store.contract.ts'
export { describeSqlDatabaseContract, type SqlDatabaseUnderTest } from './sql-database.contract.ts'
