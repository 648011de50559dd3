import { requireFunction, requireInteger, withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock, TimeError, withDeadline } from '../../../time/index.ts'
import { addressKind } from './address-kind.ts'
import { isLocalName } from './host-name.ts'

/** Gives the IP addresses of a host name, all of them, such as `dns.lookup` with `all`. It should heed the signal. */
export type HostResolver = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** How an address is inspected. */
export interface InspectUrlOptions {
  /** Tells what a host's name stands for. */
  readonly resolve: HostResolver
  /** Milliseconds that the resolver may take, 1 to 60000. Default 5000 (5 seconds). */
  readonly timeoutMs?: number | undefined
  /** Ends the wait for the resolver. */
  readonly signal?: AbortSignal | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/**
 * Why an address shall not be fetched. `MALFORMED`: it is none. `SCHEME`: neither `http:` nor `https:`. `USER`: it holds a user or
 * a password. `LOCAL_NAME`: the name is of this machine or its network. `PRIVATE_ADDRESS`: one of its addresses is not
 * public. `UNRESOLVED`: no address was found, in time or at all.
 */
export type UrlRefusalCode = 'MALFORMED' | 'SCHEME' | 'USER' | 'LOCAL_NAME' | 'PRIVATE_ADDRESS' | 'UNRESOLVED'

/** Whether an address may be fetched, and from where. */
export type UrlInspection =
  | {
      readonly ok: true
      /** The address as it is to be asked for. */
      readonly url: string
      /** What the name resolved to. Connect to one of these and no other: asked again, the name may answer otherwise. */
      readonly addresses: readonly string[]
    }
  | { readonly ok: false; readonly code: UrlRefusalCode; readonly message: string }

const DEFAULTS = Object.freeze({
  resolve: undefined,
  timeoutMs: 5000,
  signal: undefined,
  clock: systemClock,
})

const SCHEMES: readonly string[] = ['http:', 'https:']
const MAX_URL_LENGTH = 8192
const MAX_ADDRESSES = 64

/**
 * Tells whether a server may fetch `url`: its scheme, its host and each address that the host resolves to are looked at,
 * and one that is not public refuses it. Redirects are new addresses: inspect each.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; TimeError `ABORTED` when the signal fires.
 */
export async function inspectUrl(url: string, options: InspectUrlOptions): Promise<UrlInspection> {
  const { resolve, signal, clock, timeoutMs } = withDefaults(options, DEFAULTS)
  requireFunction('resolve', resolve)
  requireInteger('timeoutMs', timeoutMs, { min: 1, max: 60_000 })
  const parsed = url.length > MAX_URL_LENGTH ? null : URL.parse(url)
  if (parsed === null) return refuse('MALFORMED', 'not an absolute address')
  if (!SCHEMES.includes(parsed.protocol)) return refuse('SCHEME', 'a scheme that is not allowed')
  if (parsed.username !== '' || parsed.password !== '') return refuse('USER', 'an address with a user')
  const host = parsed.hostname
  if (host === '') return refuse('MALFORMED', 'an address without a host')
  if (addressKind(host) !== undefined) return inspected(parsed, [host.replace(/^\[|\]$/g, '')])
  if (isLocalName(host)) return refuse('LOCAL_NAME', 'a name of this machine or its network')
  const deadline = {
    timeoutMs,
    signal,
    ...(clock === undefined ? {} : { clock }),
  }
  try {
    const addresses = await withDeadline(deadline, (given) => resolve(host, given))
    if (addresses.length === 0 || addresses.length > MAX_ADDRESSES) return unresolved()
    return inspected(parsed, addresses)
  } catch (error) {
    if (error instanceof TimeError && error.code === 'ABORTED' && signal?.aborted) throw error
    return unresolved()
  }
}

function inspected(url: URL, addresses: readonly string[]): UrlInspection {
  if (addresses.some((one) => addressKind(one) !== 'public')) {
    return refuse('PRIVATE_ADDRESS', 'an address of this machine or its network')
  }
  return { ok: true, url: url.href, addresses: [...addresses] }
}

function unresolved(): UrlInspection {
  return refuse('UNRESOLVED', 'no address was found for the name')
}

function refuse(code: UrlRefusalCode, message: string): UrlInspection {
  return { ok: false, code, message }
}
