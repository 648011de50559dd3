import type { CircuitOrder } from '../circuit-state.ts'

/** An order that Ada gives. */
export function order(reason = 'by hand'): CircuitOrder {
  return { actor: { id: 'ada', kind: 'human' }, reason }
}
