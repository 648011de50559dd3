import type { Peer } from './peer.ts'

/** Whether a library keeps to a behaviour: it does, it does not, or it has no words for it. */
export type Verdict = 'yes' | 'no' | '–'

/** A row of the table in the documentation. */
export interface Behaviour {
  readonly behaviour: string
  readonly ours: Verdict
  readonly opossum: Verdict
  readonly cockatiel: Verdict
  /** Tries it; undefined where the library has no words for it. */
  readonly holds: (peer: Peer) => Promise<boolean | undefined>
}
