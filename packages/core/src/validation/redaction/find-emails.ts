import { characterSet, endOfRun, isIn } from './character-set.ts'
import type { SecretSpan } from './secret-span.ts'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const LOCAL = characterSet(`${ALPHANUMERIC}._%+'-`)
const DOMAIN = characterSet(`${ALPHANUMERIC}.-`)
const LEADING = characterSet(`.%'-`)
const MAX_LOCAL = 64
const MAX_DOMAIN = 253
const DOMAIN_NAME =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{1,59})$/
/** Endings of file names and of units of a service manager, which stand after an `@` too (`logo@2x.png`). */
const NO_TOP_LEVEL =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|[cm]?[jt]sx?|s?css|json|html?|xml|ya?ml|t?gz|tar|whl|jar|dmg|exe|deb|rpm|service|socket|timer|target|mount|slice|device|scope)$/i
const VERSION = /^v?\d+\.\d/

/** The e-mail addresses of a text. Not the names of package versions, images, service units and of users in URLs. */
export function findEmails(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const start = startOfLocal(text, at)
    const end = endOfDomain(text, at + 1)
    if (start < at && end > at + 1 && isAddress(text, start, at, end))
      spans.push({ kind: 'email', start, end })
  }
  return spans
}

function startOfLocal(text: string, at: number): number {
  let start = at
  while (at - start < MAX_LOCAL && start > 0 && isIn(LOCAL, text, start - 1)) start--
  // What an escape of JSON ends with is no part of the name.
  if (text.charAt(start - 1) === '\\' && 'nrt'.includes(text.charAt(start))) start++
  while (start < at && isIn(LEADING, text, start)) start++
  return start
}

function endOfDomain(text: string, from: number): number {
  let end = Math.min(endOfRun(DOMAIN, text.slice(from, from + MAX_DOMAIN + 1), 0) + from, text.length)
  while (end > from && (text[end - 1] === '.' || text[end - 1] === '-')) end--
  return end
}

function isAddress(text: string, start: number, at: number, end: number): boolean {
  const before = text.charAt(start - 1)
  if (before === '@' || (before === '/' && text.charAt(start - 2) === '/')) return false
  const domain = text.slice(at + 1, end)
  if (domain.length > MAX_DOMAIN || VERSION.test(domain) || NO_TOP_LEVEL.test(domain)) return false
  // The login of a Git server that all its users share.
  if (text.slice(start, at) === 'git') return false
  return DOMAIN_NAME.test(domain)
}
