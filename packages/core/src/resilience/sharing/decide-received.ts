import type { SharedCircuit } from '../ports/circuit-store.ts'
import { type CircuitRecord, isByPerson } from './circuit-record.ts'

/**
 * What to do with a circuit as the others have it. `ignore`: it is not news. `agree`: it is what we hold, at its epoch.
 * `adopt`: it takes the place of what we hold. `insist`: our own change is to be proposed again, on top of it.
 */
export type ReceivedDecision = 'ignore' | 'agree' | 'adopt' | 'insist'

/**
 * Decides between what this process holds and what the others agreed on. The newer epoch wins over what was agreed
 * before. Against a change of our own that the others do not know of: a person's act wins over what calls brought about
 * and, between two, the one proposed last; failures counted just now win over a circuit that is closed; in everything
 * else the others win, as they did so on newer knowledge.
 */
export function decideReceived(
  record: CircuitRecord | undefined,
  received: SharedCircuit,
  self: string,
): ReceivedDecision {
  if (received.epoch <= (record?.epoch ?? 0)) return 'ignore'
  if (record === undefined) return received.status === 'closed' ? 'ignore' : 'adopt'
  if (received.author === self) return received.status === record.status ? 'agree' : 'insist'
  if (!record.isOwn) return 'adopt'
  if (isByPerson(record.cause)) return 'insist'
  if (isByPerson(received.cause)) return 'adopt'
  return record.cause === 'tripped' && received.status === 'closed' ? 'insist' : 'adopt'
}

/**
 * Whether the others have lost what we hold, as a store does that was flushed or restored, and are to be told again. A
 * circuit whose recovery time is over is not worth telling: whoever probes it first will speak of it.
 */
export function isLostByOthers(
  record: CircuitRecord,
  theirs: SharedCircuit | undefined,
  nowMs: number,
): boolean {
  if (theirs !== undefined) return theirs.epoch < record.epoch && theirs.status !== record.status
  return record.status === 'open' ? record.reopenAtMs > nowMs : record.status !== 'closed'
}
