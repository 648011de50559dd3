import type { ServiceWorkView } from '../../api/views.ts'
import type { Tone } from '../../components/state-badge.tsx'

/** Messages tell of steps at once, and a look for those that were missed comes each second: this is long. */
const LONG_WAIT_MS = 60_000
/** No answer of a model and no test takes so long; rounds of review wait for both. */
const LONG_RUN_MS = 9 * 60_000

/** How a service stands, in a word. */
export function standingOf(work: ServiceWorkView): { readonly word: string; readonly tone: Tone } {
  const waits = (work.oldest_waiting_ms ?? 0) > LONG_WAIT_MS
  if (work.lost > 0) return { word: 'process lost', tone: 'bad' }
  if (waits && work.running === 0) return { word: 'nobody works', tone: 'bad' }
  if (work.service !== 'peer-hub' && (work.longest_running_ms ?? 0) > LONG_RUN_MS)
    return { word: 'hangs', tone: 'bad' }
  if (waits) return { word: 'behind', tone: 'warn' }
  if (work.running > 0 || work.waiting > 0) return { word: 'working', tone: 'busy' }
  return { word: 'idle', tone: 'good' }
}
