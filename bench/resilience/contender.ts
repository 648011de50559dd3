/** What is measured: a call that passes, one that is rejected, one that fails, and one through retry, breaker and timeout. */
export type Path = 'closed' | 'open' | 'failing' | 'composed'

/** One call through a contender, its answer and its failure swallowed. */
export type Operation = () => Promise<unknown>

/** One way to guard calls. */
export interface Contender {
  readonly name: string
  /**
   * Makes it ready for a path, with so many calls in its window; undefined where it has no such path. What must be
   * undone afterwards is returned beside the operation.
   */
  prepare(path: Path, windowLength: number): Promise<Prepared | undefined>
  /** Makes so many breakers, kept alive by what is returned; absent where it has none. */
  makeMany?(count: number): readonly unknown[]
}

/** A path that is ready to be measured. */
export interface Prepared {
  readonly operation: Operation
  close?(): void
}

/** How many failures or successes fill the window before the failing path is measured. */
export const SMALL_WINDOW = 1000
/** 2000 calls in a second for 10 seconds. */
export const LARGE_WINDOW = 20_000

const FAILURE: Error = new Error('failed')

/** The call that answers. */
export async function answering(): Promise<number> {
  return 1
}

/** The call that fails, always with the same error: making one would cost more than all else. */
export async function failing(): Promise<number> {
  throw FAILURE
}

/** Lets `execute` fail so often. */
export async function failOften(times: number, execute: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < times; index++) await execute().catch(ignore)
}

/** Swallows a failure. */
export function ignore(): void {}
