import type { DatabaseClock } from '@golden-arch/core/storage'
import type { Clock } from '@golden-arch/core/time'

/** One clock for all: what holds and periods go by, and what times a controller's pauses. */
export function timeOf(clock: Clock): { readonly clock: Clock; readonly now: DatabaseClock } {
  return { clock, now: async () => clock.now() }
}
