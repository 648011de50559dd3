import type {
  QueryOptions,
  SqlCapabilities,
  SqlDatabase,
  SqlResult,
  SqlTransaction,
} from '@golden-arch/core/storage'
import { AS_ASKED } from '../batches/apply-alone.ts'

/** What a {@link ScriptedLedger} saw of one batch: ids in the order of the arrays. */
export interface SeenBatch {
  readonly requests: readonly string[]
  readonly resolutions: readonly string[]
}

/** A database that knows batches of requests alone: each is granted, unless `fate` says otherwise. */
export class ScriptedLedger implements SqlDatabase {
  readonly capabilities: SqlCapabilities
  readonly batches: SeenBatch[] = []
  /** What becomes of each batch; what it throws is the statement's failure. */
  fate: (batch: SeenBatch) => void | Promise<void> = () => {}

  constructor(maxConcurrentTransactions = 8) {
    this.capabilities = { maxConcurrentTransactions, durability: 'memory' }
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    _options: QueryOptions = {},
  ): Promise<SqlResult<Row>> {
    if (!text.includes('budget_apply')) throw new TypeError(`not scripted: ${text}`)
    const batch = { requests: ids(values[13]), resolutions: ids(values[19]) }
    this.batches.push(batch)
    await this.fate(batch)
    // Safe: the one statement that is known gives this row.
    return { rows: [{ ...AS_ASKED, at: new Date(0) } as unknown as Row], rowCount: 1 }
  }

  script(): Promise<void> {
    return Promise.reject(new TypeError('not scripted'))
  }

  transaction<T>(_run: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return Promise.reject(new TypeError('not scripted'))
  }

  session<T>(): Promise<T> {
    return Promise.reject(new TypeError('not scripted'))
  }
}

function ids(literal: unknown): readonly string[] {
  return [...String(literal).matchAll(/"([^"]*)"/g)].map(([, id = '']) => id)
}
