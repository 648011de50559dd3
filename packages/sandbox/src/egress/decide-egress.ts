import { type Clock, withDeadline } from '@golden-arch/core/time'
import { inspectUrl, type UrlRefusalCode } from '@golden-arch/core/validation'
import { isAllowedHost } from './allow-list.ts'
import type { ResolvedEgressOptions } from './egress-options.ts'

/** Why a connection was refused: `NOT_ALLOWED` by the list, or by what the name leads to. */
export type EgressRefusal = 'NOT_ALLOWED' | UrlRefusalCode

/** Where a connection may go, or why it may not. */
export type EgressDecision =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly refusal: EgressRefusal }

/**
 * Decides over one connection. The name is resolved once, and only the address that was looked at may be connected to: asked
 * again, the name might lead elsewhere.
 */
export async function decideEgress(
  { host, port }: { readonly host: string; readonly port: number },
  options: ResolvedEgressOptions,
  clock: Clock,
): Promise<EgressDecision> {
  const { allow, allowPrivateAddresses, connectTimeoutMs: timeoutMs, resolve } = options
  if (!isAllowedHost(allow, host, port)) return { ok: false, refusal: 'NOT_ALLOWED' }
  if (allowPrivateAddresses) return resolvedAnyhow(host, options, clock)
  const inspection = await inspectUrl(`http://${host}:${port}/`, { resolve, timeoutMs, clock })
  if (!inspection.ok) return { ok: false, refusal: inspection.code }
  return addressed(inspection.addresses)
}

async function resolvedAnyhow(
  host: string,
  { resolve, connectTimeoutMs }: ResolvedEgressOptions,
  clock: Clock,
): Promise<EgressDecision> {
  try {
    const deadline = { timeoutMs: connectTimeoutMs, clock }
    return addressed(await withDeadline(deadline, (signal) => resolve(host, signal)))
  } catch {
    return addressed([])
  }
}

function addressed([address]: readonly string[]): EgressDecision {
  return address === undefined ? { ok: false, refusal: 'UNRESOLVED' } : { ok: true, address }
}
