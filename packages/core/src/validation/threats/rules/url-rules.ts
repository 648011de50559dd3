import { addressKind } from '../addresses/address-kind.ts'
import { isLocalName } from '../addresses/host-name.ts'
import type { ThreatMatch, ThreatRule, ThreatSeverity } from '../threat-rule.ts'
import type { ThreatText } from '../threat-text.ts'

/** An address of a text. */
interface FoundUrl {
  readonly url: URL | undefined
  readonly scheme: string
  readonly start: number
  readonly end: number
}

const CANDIDATE =
  /(?<![a-z0-9+.-])(?:[a-z][a-z0-9+.-]{1,20}:)[\\/]{1,3}[^\s<>"'`]{1,2048}|(?<![^\s"'(=,])[\\/]{2}[^\s<>"'`\\/][^\s<>"'`]{0,2048}|(?<![a-z0-9+.-])(?:javascript|vbscript|data|blob|jar|view-source|file):(?=[^\s])[^\s]{0,2048}/gi
const DATA_URL = /^data:[\w/+.-]{0,80}(?:;[\w=-]{1,40}){0,4},/i
const FETCHED = new Set(['http', 'https', 'ws', 'wss'])
const ODD = new Set([
  'mailto',
  'tel',
  'urn',
  'postgres',
  'postgresql',
  'redis',
  'amqp',
  'mongodb',
  'mysql',
  'git',
  's3',
  'gs',
])
const CODE = new Set(['javascript', 'vbscript', 'data'])

/** Rules on addresses that a server shall not fetch. What a name resolves to is told by `inspectUrl`. */
export const URL_RULES: readonly ThreatRule[] = [
  rule('url-code', 'high', 'An address that holds code.', ({ scheme }) => CODE.has(scheme)),
  rule(
    'url-scheme',
    'high',
    'A scheme other than http, https, ws and wss.',
    ({ scheme }) => scheme !== '' && !FETCHED.has(scheme) && !CODE.has(scheme) && !ODD.has(scheme),
  ),
  rule('url-private-address', 'high', 'An address of this machine or its network.', ({ url }) => {
    const kind = url === undefined ? undefined : addressKind(url.hostname)
    return kind !== undefined && kind !== 'public'
  }),
  rule(
    'url-local-name',
    'high',
    'A name of this machine or its network.',
    ({ url }) => url !== undefined && isLocalName(url.hostname),
  ),
  rule(
    'url-bare-name',
    'medium',
    'A name without a dot, which only a network of its own answers.',
    ({ url, scheme }) =>
      url !== undefined &&
      scheme !== '' &&
      /^[^.:[\]]{1,63}$/.test(url.hostname) &&
      !isLocalName(url.hostname),
  ),
  rule(
    'url-user',
    'medium',
    'A user before the host, which may look like one.',
    ({ url }) => url !== undefined && url.username !== '',
  ),
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  isThreat: (found: FoundUrl) => boolean,
): ThreatRule {
  const scan = (text: ThreatText): readonly ThreatMatch[] => text.memo(foundUrls).filter(isThreat)
  return { id, family: 'unsafe-url', severity, contexts: ['url'], summary, matcher: { kind: 'scan', scan } }
}

function foundUrls(text: string): readonly FoundUrl[] {
  const found: FoundUrl[] = []
  for (const match of text.matchAll(CANDIDATE)) {
    const scheme = (/^([a-z][a-z0-9+.-]{1,20}):/i.exec(match[0])?.[1] ?? '').toLowerCase()
    if (scheme === 'data' && !DATA_URL.test(match[0])) continue
    const place = { start: match.index, end: match.index + match[0].length }
    const address = scheme === '' ? `http:${match[0]}` : match[0]
    found.push({ scheme, url: FETCHED.has(scheme || 'http') ? parsed(address) : undefined, ...place })
  }
  return found
}

/** The address, without a zone, which some clients take though the standard does not, or the punctuation of its sentence. */
function parsed(given: string): URL | undefined {
  const address = given.replace(/(\[[\da-f:.]{2,45})%[^\]]{1,32}\]/i, '$1]')
  return URL.parse(address) ?? URL.parse(address.replace(/[)\].,;:!?]{1,8}$/, '')) ?? undefined
}
