import { type KeyInstants, keyStates } from './key-state.ts'

/** When keys follow one another. All in milliseconds. */
export interface RotationPolicy {
  /** For how long a key signs before its successor takes over. */
  readonly rotateAfterMs: number
  /** For how long a key is published before it signs: no less than others may keep an older key set. */
  readonly publishAheadMs: number
  /** For how long a key verifies after its successor took over: no less than its last token lives. */
  readonly keepPreviousMs: number
  /** For how long a key that is retired stays in the list. */
  readonly forgetAfterMs: number
}

/** One change of a key ring. */
export type RotationStep =
  | { readonly kind: 'create'; readonly activateAt: Date }
  | { readonly kind: 'activate'; readonly keyId: string; readonly activateAt: Date }
  | { readonly kind: 'wipe'; readonly keyId: string }
  | { readonly kind: 'forget'; readonly keyId: string }

/**
 * What is to be done at `now`, so that there is a key that signs, and a published one before its time is up: nothing as a
 * rule. Where no key signs (the first start, or the one that did was revoked) the next one does at once, or a new one.
 * The private half of a retired key is wiped, and the key forgotten later.
 */
export function planRotation(
  keys: readonly KeyInstants[],
  now: Date,
  policy: RotationPolicy,
): readonly RotationStep[] {
  const states = [...keyStates(keys, now, policy.keepPreviousMs)]
  const steps: RotationStep[] = []
  for (const [keyId, state] of states) {
    if (state.status !== 'retired') continue
    const isForgotten = now.getTime() - state.since.getTime() > policy.forgetAfterMs
    steps.push({ kind: isForgotten ? 'forget' : 'wipe', keyId })
  }
  const next = states.find(([, { status }]) => status === 'next')
  const active = states.flatMap(([, state]) => (state.status === 'active' ? [state] : []))[0]
  if (active === undefined) {
    steps.push(
      next === undefined
        ? { kind: 'create', activateAt: now }
        : { kind: 'activate', keyId: next[0], activateAt: now },
    )
  } else if (next === undefined) {
    const dueMs = active.since.getTime() + policy.rotateAfterMs
    const soonestMs = now.getTime() + policy.publishAheadMs
    if (dueMs <= soonestMs) steps.push({ kind: 'create', activateAt: new Date(soonestMs) })
  }
  return steps
}
