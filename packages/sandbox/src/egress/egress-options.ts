import { lookup } from 'node:dns/promises'
import {
  type Complete,
  requireFlag,
  requireFunction,
  requireInteger,
  withDefaults,
} from '@golden-arch/core/errors'
import type { HostResolver } from '@golden-arch/core/validation'
import { type AllowedHost, parseAllowList } from './allow-list.ts'

/** Where programs may connect to, through a proxy of the host, and within which bounds; each bound is for one sandbox. */
export interface EgressOptions {
  /** Host names with ports, such as `api.example.com:443`, or `*.example.com:443` for all names below one. 1 to 256. */
  readonly allow: readonly string[]
  /** Connections at one time, and requests that are carried at one time, 1 to 256. Default 16. */
  readonly maxConnections?: number | undefined
  /** Connections in all, and requests in all, 1 to 100000. Default 1000. */
  readonly maxTotalConnections?: number | undefined
  /** Bytes in both directions, with those of the frames that carry them, 1024 to 17179869184 (16 GiB). Default 67108864 (64 MiB). */
  readonly maxBytes?: number | undefined
  /** Milliseconds without a byte after which a connection is ended, 100 to 600000. Default 30000 (30 seconds). */
  readonly idleTimeoutMs?: number | undefined
  /** Milliseconds for finding the address of a name, and again for connecting to it, 100 to 60000. Default 10000 (10 seconds). */
  readonly connectTimeoutMs?: number | undefined
  /**
   * Whether a name may lead to this machine or its network. Dangerous: a program then reaches whatever the host reaches
   * under the names and ports of the list. For tests. Default false.
   */
  readonly allowPrivateAddresses?: boolean | undefined
  /** Finds the addresses of a name. Default the machine's own resolver. */
  readonly resolve?: HostResolver | undefined
}

/** The values used where none are given. */
const DEFAULT_EGRESS_OPTIONS = Object.freeze({
  allow: undefined,
  maxConnections: 16,
  maxTotalConnections: 1000,
  maxBytes: 67_108_864,
  idleTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  allowPrivateAddresses: false,
  resolve: resolveByMachine,
} as const)

/** The options with every default filled in. */
export interface ResolvedEgressOptions extends Omit<Complete<EgressOptions>, 'allow'> {
  readonly allow: readonly AllowedHost[]
  /** The allow-list as it was given. */
  readonly allowText: string
}

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveEgressOptions(options: EgressOptions): ResolvedEgressOptions {
  const given = withDefaults(options, DEFAULT_EGRESS_OPTIONS, 'egress.')
  const integer = (name: IntegerOption, min: number, max: number): number =>
    requireInteger(`egress.${name}`, given[name], { min, max })
  return {
    allow: parseAllowList('egress.allow', given.allow),
    allowText: given.allow.join(' '),
    maxConnections: integer('maxConnections', 1, 256),
    maxTotalConnections: integer('maxTotalConnections', 1, 100_000),
    maxBytes: integer('maxBytes', 1024, 17_179_869_184),
    idleTimeoutMs: integer('idleTimeoutMs', 100, 600_000),
    connectTimeoutMs: integer('connectTimeoutMs', 100, 60_000),
    // Nothing but the word itself: a truthy mistake must not open the host's network.
    allowPrivateAddresses: requireFlag('egress.allowPrivateAddresses', given.allowPrivateAddresses),
    resolve: requireFunction('egress.resolve', given.resolve),
  }
}

type IntegerOption =
  | 'maxConnections'
  | 'maxTotalConnections'
  | 'maxBytes'
  | 'idleTimeoutMs'
  | 'connectTimeoutMs'

async function resolveByMachine(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
