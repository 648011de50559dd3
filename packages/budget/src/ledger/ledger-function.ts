import { type LedgerCall, one } from './budget-ledger.ts'

/** A function of the ledger, called by the names of its arguments: which value goes where is said, and not counted. */
export interface LedgerFunction<Name extends string> {
  /** The statement: one row. */
  readonly text: string
  /** In the order of the statement's parameters. */
  readonly names: readonly Name[]
  /** The name under which connections keep the statement. */
  readonly prepareAs: string
}

/** Describes a function by the SQL types of its arguments. */
export function ledgerFunction<const Types extends Readonly<Record<string, string>>>(
  name: string,
  types: Types,
): LedgerFunction<keyof Types & string> {
  const given = Object.entries(types).map(
    ([argument, type], index) => `${argument} => $${index + 1}::${type}`,
  )
  return {
    text: `SELECT * FROM ${name}(${given.join(', ')})`,
    // These are the keys of Types.
    names: Object.keys(types) as (keyof Types & string)[],
    prepareAs: `golden_arch_${name}`,
  }
}

/** The arguments of a {@link LedgerFunction}; the present instant, `p_now`, is that of the call. */
export type LedgerArguments<F> =
  F extends LedgerFunction<infer Name> ? Readonly<Record<Exclude<Name, 'p_now'>, unknown>> : never

/** Calls the function, and gives the row that it answers. */
export function callLedger<Row extends object, Name extends string>(
  call: LedgerCall,
  { text, names, prepareAs }: LedgerFunction<Name>,
  given: LedgerArguments<LedgerFunction<Name>>,
): Promise<Row> {
  const named: Readonly<Record<string, unknown>> = { ...given, p_now: call.now }
  return one<Row>(
    call,
    text,
    names.map((name) => named[name]),
    prepareAs,
  )
}
