import { InvalidOptionError, requireNumber } from '../../../errors/index.ts'
import { fieldOf } from '../../failure/field-of.ts'
import { AdoptableCircuit } from '../../managed-circuit.ts'
import type { OpossumBreaker } from './opossum-breaker.ts'
import { OpossumCircuit } from './opossum-circuit.ts'

/**
 * Brings an opossum breaker into a registry: `registry.adopt(fromOpossum(breaker))`. It goes on deciding by its own
 * rules and is fired as before; its states and calls are measured and told, its openings are shared and remembered, one
 * process at a time probes, and it can be held open, held closed or disabled for good.
 * @throws InvalidOptionError `INVALID_OPTION` on what is no opossum breaker, and on one whose `resetTimeout` is no finite
 * number from 0: opossum itself takes a text.
 */
export function fromOpossum(breaker: OpossumBreaker): AdoptableCircuit {
  const isBreaker = typeof breaker?.on === 'function' && typeof breaker.open === 'function'
  const recoveryTimeoutMs = fieldOf(fieldOf(breaker, 'options'), 'resetTimeout')
  if (!isBreaker || typeof breaker.name !== 'string' || recoveryTimeoutMs === undefined) {
    throw new InvalidOptionError('breaker', 'an opossum breaker', breaker)
  }
  requireNumber('breaker.options.resetTimeout', recoveryTimeoutMs)
  return new AdoptableCircuit(new OpossumCircuit(breaker))
}
