import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readConfiguration } from '../../../examples/reference-server/src/configuration.ts'
import {
  ENVIRONMENT_SCHEMA,
  SECRET_VARIABLES,
} from '../../../examples/reference-server/src/environment-schema.ts'
import { SERVER_ROLES } from '../../../examples/reference-server/src/server-role.ts'
import { at, listAt, type Manifest, type Tree, textAt, textsAt, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** A review may take so long, and is not broken off by a release. */
const LONGEST_WORK_MS = 180_000
/** The part of the time to stop in which work may end by itself, and what the last traces may take after it. */
const PART_FOR_WORK = 0.8
const CLOSING_MS = 5000
const STORES_FOLDER = '/etc/golden-architecture/stores'
const AUTHORITIES = 'authorities.pem'
/** What Node and OpenTelemetry read themselves. */
const FOREIGN = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|OTEL_[A-Z_]+)$/
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
/** What stands in for files that are made elsewhere, where the server does not take any text. */
const OF_FILES: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://host/golden',
  REDIS_URL: 'rediss://host',
  NATS_URL: 'tls://host',
  ALERT_WEBHOOK_URL: 'https://host',
  ALERT_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
  KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  AUDIT_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  AUDIT_PUBLIC_KEYS: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}

/** What the reference server would not understand of what it is told, or would not be given time for. */
export function serverFindings(manifests: readonly Manifest[]): readonly string[] {
  const servers = workloadsOf(manifests).flatMap((workload) => {
    const server = workload.containers.find((each) => textAt(each, 'image').includes('/reference-server'))
    return server === undefined ? [] : [{ workload, server, told: environmentOf(server, manifests) }]
  })
  const roles = servers.flatMap(({ server }) => rolesOf(server))
  return [
    ...SERVER_ROLES.filter((role) => !roles.includes(role)).map((role) => `${role}: nothing runs it`),
    ...servers.flatMap(({ workload, server, told }) =>
      [
        ...environmentFindings(told),
        ...commandFindings(told),
        ...copiesFindings(told, manifests),
        ...authorityFindings(workload, server),
        ...(workload.isLasting ? lastingFindings(workload, server, told) : []),
      ].map((problem) => `${workload.title}: ${problem}`),
    ),
  ]
}

function rolesOf(server: Tree): readonly string[] {
  const words = textsAt(server, 'args')
  return words[words.indexOf('--roles') + 1]?.split(',') ?? []
}

/** What a container is told; undefined is the value of what comes from elsewhere. */
function environmentOf(server: Tree, manifests: readonly Manifest[]): ReadonlyMap<string, unknown> {
  const maps = listAt(server, 'envFrom').map((source) => textAt(source, 'configMapRef.name'))
  const shared = manifests
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && maps.includes(metadata.name))
    .flatMap((map) => Object.entries(treeAt(map, 'data')))
  return new Map([
    ...shared,
    ...listAt(server, 'env').map(({ name, value }) => [String(name), value] as const),
  ])
}

function environmentFindings(told: ReadonlyMap<string, unknown>): readonly string[] {
  return [...told.keys()].flatMap((name) => {
    if (FOREIGN.test(name)) return []
    const plain = name.replace(/_FILE$/, '')
    if (!(plain in ENVIRONMENT_SCHEMA.shape)) return [`${name} means nothing to the server`]
    const isSecret = SECRET_VARIABLES.some((secret) => secret === name)
    return isSecret ? [`${name} is a secret, and no file`] : []
  })
}

/** Commands of administrators run in pods by exec, where the environment alone tells: no args, and so no role. */
function commandFindings(told: ReadonlyMap<string, unknown>): readonly string[] {
  const environment = [...told].flatMap(([name, value]) => {
    if (value === undefined) return []
    const plain = name.replace(/_FILE$/, '')
    return [name === plain ? [name, String(value)] : [plain, OF_FILES[plain] ?? 'any-text']]
  })
  try {
    readConfiguration(Object.fromEntries(environment))
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** Addresses of stores over TLS name this file; a pod that only some releases of an address need is found late. */
function authorityFindings({ pod }: Workload, server: Tree): readonly string[] {
  const mounts = listAt(server, 'volumeMounts').filter(({ mountPath }) => mountPath === STORES_FOLDER)
  const holds = ({ name, secret }: Tree): boolean => {
    const items = listAt(treeAt({ secret }, 'secret'), 'items').map(({ path }) => path)
    return mounts.some((mount) => mount.name === name) && (items.length === 0 || items.includes(AUTHORITIES))
  }
  const isThere = listAt(pod, 'volumes').some(
    (volume) => textAt(volume, 'secret.secretName') === 'stores' && holds(volume),
  )
  return isThere ? [] : [`${STORES_FOLDER}/${AUTHORITIES} is not mounted, by which stores are believed`]
}

/** A stream of more copies than there are servers to hold them is refused at the start. */
function copiesFindings(
  told: ReadonlyMap<string, unknown>,
  manifests: readonly Manifest[],
): readonly string[] {
  const servers = manifests.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'nats')
  const copies = Number(told.get('NATS_STREAM_REPLICAS') ?? 1)
  if (servers === undefined || copies <= Number(treeAt(servers, 'spec').replicas ?? 1)) return []
  return [`streams of ${copies} copies on fewer servers of NATS`]
}

function lastingFindings(
  { pod }: Workload,
  server: Tree,
  told: ReadonlyMap<string, unknown>,
): readonly string[] {
  const numberOf = (name: keyof typeof ENVIRONMENT_SCHEMA.shape): number =>
    Number(ENVIRONMENT_SCHEMA.shape[name].parse(told.get(name)))
  const [timeoutMs, delayMs] = [numberOf('SHUTDOWN_TIMEOUT_MS'), numberOf('SHUTDOWN_DELAY_MS')]
  const beforeMs = Number(at(server, 'lifecycle.preStop.sleep.seconds') ?? 0) * 1000
  const graceMs = Number(pod.terminationGracePeriodSeconds ?? 30) * 1000
  const port = (name: string): string =>
    textAt(
      listAt(server, 'ports').find((each) => each.name === name),
      'containerPort',
    )
  const isGateway = rolesOf(server).includes('gateway')
  return [
    ...(timeoutMs * PART_FOR_WORK < LONGEST_WORK_MS ? ['a review would be broken off at the stop'] : []),
    ...(beforeMs + delayMs < 5000 ? ['balancers have no time to take notice of a stop'] : []),
    ...(graceMs < beforeMs + delayMs + timeoutMs + CLOSING_MS ? ['is killed before it has stopped'] : []),
    ...(port('watch') === String(told.get('METRICS_PORT')) ? [] : ['METRICS_PORT is not its port watch']),
    ...(!isGateway || port('http') === String(told.get('PORT')) ? [] : ['PORT is not its port http']),
  ]
}
