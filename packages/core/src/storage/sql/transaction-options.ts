import { requireOneOf } from '../../errors/index.ts'
import type { TransactionOptions } from '../ports/sql-database.ts'

const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'] as const

/** @throws InvalidOptionError `INVALID_OPTION` on an isolation that PostgreSQL does not know. */
export function requireTransactionOptions(options: TransactionOptions): void {
  if (options.isolation !== undefined) requireOneOf('isolation', options.isolation, ISOLATIONS)
}
