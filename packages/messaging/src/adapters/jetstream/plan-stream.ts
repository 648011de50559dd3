import type { StreamConfig } from '@nats-io/jetstream'
import type { StreamDrift } from '../../ports/message-broker.ts'

/** A stream's configuration as we want it; times are in nanoseconds, as the server has them. */
export type WantedStream = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'storage'
  | 'discard'
  | 'num_replicas'
  | 'max_age'
  | 'max_bytes'
  | 'duplicate_window'
> &
  Partial<Pick<StreamConfig, 'allow_atomic'>>

/** What to do with a stream that exists. */
export interface StreamPlan {
  /** Fields to change; empty: nothing to do. */
  readonly update: Partial<WantedStream>
  readonly drift: readonly StreamDrift[]
}

/** What can be changed in place; of the rest a difference is an operator's affair. */
const MUTABLE = ['subjects', 'max_age', 'max_bytes', 'duplicate_window', 'allow_atomic'] as const
const FIXED = ['retention', 'storage', 'discard'] as const
const COPIES = 'num_replicas'

/** Compares what is wanted with what the server has. */
export function planStream(wanted: WantedStream, found: Readonly<Partial<StreamConfig>>): StreamPlan {
  const differs = (field: keyof WantedStream): boolean =>
    wanted[field] !== undefined && textOf(wanted[field]) !== textOf(found[field])
  // Copies are added and never taken away: a process that was told of fewer, as in a rollout, must not undo what another did.
  const adds = differs(COPIES) && wanted[COPIES] > (found[COPIES] ?? 1)
  const changed = [...MUTABLE.filter(differs), ...(adds ? ([COPIES] as const) : [])]
  const drifted = [...FIXED.filter(differs), ...(!adds && differs(COPIES) ? ([COPIES] as const) : [])]
  const update = Object.fromEntries(changed.map((field) => [field, wanted[field]]))
  const drift = drifted.map((field) => ({
    stream: wanted.name,
    field,
    declared: textOf(wanted[field]),
    found: textOf(found[field]),
  }))
  return { update, drift }
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? [...value].sort().join(' ') : String(value)
}
