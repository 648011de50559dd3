import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'
import type { ThreatText } from '../threat-text.ts'
import { attributeUrl } from './attribute-url.ts'
import { cargoOf, type MarkdownAddress, markdownAddresses } from './markdown-addresses.ts'

const CODE = /^(?:javascript|vbscript|file):|^data:(?!image\/(?:png|gif|jpe?g|webp|avif))/
const NUMERIC_HOST = /^(?:https?:)?\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\]|\d{8,10})(?=[/:?#]|$)/i
const SECRET_PARAMETER =
  /[?&](?:token|key|secret|password|history|conversation|chat|prompt|context|api_?key|session|cookie)=[^&]{1,2048}&/i

/** Rules on Markdown whose viewer would send data away or run code. They see the text without its code. */
export const MARKDOWN_RULES: readonly ThreatRule[] = [
  rule(
    'markdown-image-cargo',
    'high',
    'An image whose address carries data away.',
    (one) => one.kind !== 'link' && cargoOf(one.address) === 'certain',
  ),
  rule(
    'markdown-image-query',
    'medium',
    'An image whose address may carry text away.',
    (one) => one.kind !== 'link' && cargoOf(one.address) === 'possible',
  ),
  rule(
    'markdown-image-address',
    'high',
    'An image from a host without a name.',
    (one) => one.kind !== 'link' && NUMERIC_HOST.test(one.address),
  ),
  rule(
    'markdown-link-cargo',
    'medium',
    'A link whose address carries data away.',
    (one) =>
      one.kind === 'link' && (cargoOf(one.address) === 'certain' || SECRET_PARAMETER.test(one.address)),
  ),
  rule('markdown-code-link', 'high', 'A link that runs code.', (one) => CODE.test(attributeUrl(one.address))),
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  isThreat: (one: MarkdownAddress) => boolean,
): ThreatRule {
  return {
    id,
    family: id === 'markdown-code-link' ? 'active-html' : 'exfiltration',
    severity,
    contexts: ['markdown'],
    summary,
    matcher: { kind: 'scan', scan: (text: ThreatText) => text.memo(markdownAddresses).filter(isThreat) },
  }
}
