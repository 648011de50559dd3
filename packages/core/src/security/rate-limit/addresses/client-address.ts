import { type IpAddress, parseIpAddress } from './ip-address.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What is known of where a request came from. */
export interface RequestOrigin {
  /** The address of the connection's other end; undefined or empty where it has none. */
  readonly socketAddress: string | undefined
  /** The `x-forwarded-for` header as Node gives it. */
  readonly forwardedFor?: string | readonly string[] | undefined
  /** Whom to believe, from `trustProxies`. */
  readonly trustedProxies: TrustedProxies
}

/**
 * The address of the client, in its canonical spelling. Each proxy adds the address that it was called from at the end of
 * `x-forwarded-for`, so the header is read from its end and only as far as the hops are proxies that are trusted: what a
 * client wrote into it itself is never reached. A hop that is no address, or fewer hops than proxies, gives the socket's
 * own address. Where every hop of the header is a trusted proxy, the first one is the client.
 */
export function clientAddress(origin: RequestOrigin): string {
  const { socketAddress = '', forwardedFor = '', trustedProxies } = origin
  const socket = parseIpAddress(socketAddress)?.text ?? socketAddress
  const header = typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')
  if (trustedProxies.kind === 'count') {
    const hop = trustedProxies.count === 0 ? undefined : hopFromEnd(header, trustedProxies.count)
    return hop?.text ?? socket
  }
  let client = socket
  const hops = header.trim() === '' ? [] : header.split(',')
  while (trustedProxies.includes(client) && hops.length > 0) {
    const hop = readHop(hops.pop() ?? '')
    if (hop === undefined) return socket
    client = hop.text
  }
  return client
}

/** The hop at that place from the end; undefined unless it and all after it are addresses. */
function hopFromEnd(header: string, place: number): IpAddress | undefined {
  const hops = header.split(',')
  if (hops.length < place) return undefined
  const read = hops.slice(-place).map(readHop)
  return read.every((hop) => hop !== undefined) ? read[0] : undefined
}

/** An address as proxies write it: bare, with a port, or in brackets with or without one. */
function readHop(text: string): IpAddress | undefined {
  const hop = text.trim()
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop) ?? []
  if (bracketed !== undefined) return bracketed.includes(':') ? parseIpAddress(bracketed) : undefined
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(hop) ?? []
  return parseIpAddress(withPort ?? hop)
}
