import { STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { counted } from '../output/counted.ts'
import { type Finding, ok, wrong } from './finding.ts'
import { versionFinding } from './version-finding.ts'

const VERSIONS = { least: [2, 10] }
/** The streams of the packages. Others may be anybody's. */
const OWN_STREAMS: ReadonlySet<string> = new Set([
  ...STREAM_TOPOLOGY.map(({ stream }) => stream),
  'DLQ',
  'DLQ_ADVISORIES',
])

/** What a server says of itself. */
export interface NatsFacts {
  readonly version: string
  readonly hasJetStream: boolean
  readonly streams: readonly { readonly name: string; readonly storage: string }[]
}

/** Judges what the server said. */
export function natsFindings({ version, hasJetStream, streams }: NatsFacts): readonly Finding[] {
  const versionFound = versionFinding('nats.version', 'nats-server', version, VERSIONS)
  if (!hasJetStream) {
    const fix = 'start nats-server with --jetstream --store_dir <folder on a disk>'
    return [versionFound, wrong('error', 'nats.jetstream', 'JetStream is off', fix)]
  }
  return [versionFound, ok('nats.jetstream', 'JetStream is on'), storageFinding(streams)]
}

function storageFinding(streams: NatsFacts['streams']): Finding {
  const check = 'nats.storage'
  const inMemory = streams.filter(({ storage }) => storage !== 'file').map(({ name }) => name)
  if (inMemory.length === 0) {
    return ok(
      check,
      streams.length === 0 ? 'there is no stream yet' : `${counted(streams.length, 'stream')}, all in files`,
    )
  }
  const isOurs = inMemory.some((name) => OWN_STREAMS.has(name))
  return wrong(
    isOurs ? 'error' : 'warning',
    check,
    `in memory, and gone with the server: ${inMemory.slice(0, 10).join(', ')}`,
    'delete the stream and let the packages make it: they keep streams in files',
  )
}
