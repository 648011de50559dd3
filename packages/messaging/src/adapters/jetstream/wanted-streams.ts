import type { StreamDefinition } from '../../streams/stream-definition.ts'
import { resolveStreamDefinition } from '../../streams/stream-definition.ts'
import type { ResolvedJetStreamBrokerOptions } from './jetstream-broker-options.ts'
import type { WantedStream } from './plan-stream.ts'

const NANOS_PER_MS = 1_000_000
const DAY_MS = 86_400_000
const ADVISORY = '$JS.EVENT.ADVISORY.CONSUMER'

/**
 * The streams to have on the server, in the order in which they must come: the advisories and the dead letters before
 * any stream whose messages may be given up.
 */
export function wantedStreams(
  definitions: readonly StreamDefinition[],
  knownAdvisorySubjects: readonly string[],
  options: ResolvedJetStreamBrokerOptions & { readonly hasBatches: boolean },
): readonly WantedStream[] {
  const { replicas: num_replicas, deadLetterStream, deadLetterSubject, deadLetterMaxBytes } = options
  // The values of the client's enumerations, which are types alone here.
  const kept = { storage: 'file', discard: 'new', num_replicas } as const
  const named = definitions.filter(({ stream }) => stream !== deadLetterStream)
  const advisories: WantedStream = {
    ...kept,
    name: options.advisoryStream,
    subjects: [
      ...new Set([
        ...knownAdvisorySubjects,
        ...named.flatMap(({ stream }) => [
          `${ADVISORY}.MAX_DELIVERIES.${stream}.>`,
          `${ADVISORY}.MSG_TERMINATED.${stream}.>`,
        ]),
      ]),
    ],
    retention: 'limits',
    discard: 'old',
    max_age: 7 * DAY_MS * NANOS_PER_MS,
    max_bytes: -1,
    duplicate_window: 120_000 * NANOS_PER_MS,
  }
  const deadLetters: WantedStream = {
    ...kept,
    name: deadLetterStream,
    subjects: [`${deadLetterSubject}.>`],
    // What the recorder has written to the database leaves the stream, so that only what waits can fill it.
    retention: 'workqueue',
    max_age: 30 * DAY_MS * NANOS_PER_MS,
    max_bytes: deadLetterMaxBytes ?? -1,
    duplicate_window: DAY_MS * NANOS_PER_MS,
  }
  return [
    ...(advisories.subjects.length === 0 ? [] : [advisories]),
    deadLetters,
    ...named.map((definition): WantedStream => {
      const { stream, subjects, maxAgeMs, dedupeWindowMs, maxBytes } = resolveStreamDefinition(definition)
      return {
        ...kept,
        name: stream,
        subjects: [...subjects],
        retention: 'limits',
        max_age: maxAgeMs * NANOS_PER_MS,
        max_bytes: maxBytes ?? -1,
        duplicate_window: dedupeWindowMs * NANOS_PER_MS,
        ...(options.hasBatches ? { allow_atomic: true } : {}),
      }
    }),
  ]
}
