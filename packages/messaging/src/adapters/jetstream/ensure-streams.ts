import { InvalidOptionError } from '@golden-arch/core/errors'
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import type { EnsureReport, StreamDrift } from '../../ports/message-broker.ts'
import type { StreamDefinition } from '../../streams/stream-definition.ts'
import { requireDisjointSubjects } from '../../streams/stream-subjects.ts'
import type { ResolvedJetStreamBrokerOptions } from './jetstream-broker-options.ts'
import { isNotFound, translateFailure } from './jetstream-failure.ts'
import { planStream, type WantedStream } from './plan-stream.ts'
import { wantedStreams } from './wanted-streams.ts'

/** Creates the streams that are missing and brings the others up to date, one after another in the order given. */
export async function ensureStreams(
  manager: JetStreamManager,
  definitions: readonly StreamDefinition[],
  options: ResolvedJetStreamBrokerOptions & { readonly hasBatches: boolean },
): Promise<EnsureReport> {
  requireDisjointSubjects(definitions)
  requireCluster(options)
  const known = await findStream(manager, options.advisoryStream)
  const report = { created: [] as string[], updated: [] as string[], drift: [] as StreamDrift[] }
  for (const wanted of wantedStreams(definitions, known?.subjects ?? [], options)) {
    try {
      await ensureStream(manager, wanted, report)
    } catch (error) {
      throw translateFailure(error, { stream: wanted.name }, optionOf(wanted, options))
    }
  }
  return report
}

/** The option from which the stream has its subjects. */
function optionOf({ name }: WantedStream, options: ResolvedJetStreamBrokerOptions): string {
  if (name === options.deadLetterStream) return 'deadLetterSubject'
  return name === options.advisoryStream ? 'advisoryStream' : 'streams'
}

async function ensureStream(
  manager: JetStreamManager,
  wanted: WantedStream,
  report: { readonly created: string[]; readonly updated: string[]; readonly drift: StreamDrift[] },
): Promise<void> {
  const found = await findOrAdd(manager, wanted)
  if (found === 'added') {
    report.created.push(wanted.name)
    return
  }
  const { update, drift } = planStream(wanted, found)
  report.drift.push(...drift)
  if (Object.keys(update).length === 0) return
  await manager.streams.update(wanted.name, update)
  report.updated.push(wanted.name)
}

/** A server that stands alone takes any number for a stream that it has, and keeps one copy. */
function requireCluster({ connection, replicas }: ResolvedJetStreamBrokerOptions): void {
  const { info } = connection
  if (replicas === 1 || info === undefined || info.cluster !== undefined) return
  throw new InvalidOptionError('replicas', '1 where NATS is no cluster', replicas)
}

async function findOrAdd(manager: JetStreamManager, wanted: WantedStream): Promise<StreamConfig | 'added'> {
  const found = await findStream(manager, wanted.name)
  if (found !== undefined) return found
  try {
    await manager.streams.add(wanted)
    return 'added'
  } catch (error) {
    // Another process may have made it in between, with other settings.
    const made = await findStream(manager, wanted.name)
    if (made === undefined) throw error
    return made
  }
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config
  } catch (error) {
    if (isNotFound(error, 'streamNotFound')) return undefined
    throw error
  }
}
