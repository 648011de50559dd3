import type { ThreatMatch, ThreatRule, ThreatSeverity } from '../threat-rule.ts'
import type { ThreatText } from '../threat-text.ts'
import { endsWhatIsAround } from './attribute-mutation.ts'
import { attributeUrl } from './attribute-url.ts'
import { type HtmlAttribute, type HtmlTag, htmlTags } from './html-tags.ts'

const CODE_ELEMENTS = new Set([
  'script',
  '/script',
  'object',
  'embed',
  'applet',
  'frameset',
  'frame',
  'portal',
  'base',
])
const SPLIT_ELEMENTS = [
  'script',
  'iframe',
  'object',
  'embed',
  'style',
  'link',
  'img',
  'svg',
  'form',
  'base',
  'meta',
]
const FRAMES = new Set(['iframe', 'fencedframe'])
const EVENT =
  'on(?:abort|after|animation|auxclick|before|begin|blur|bounce|cancel|canplay|change|click|close|contextmenu|copy|cue|cut|dblclick|drag|drop|duration|emptied|end|error|finish|focus|form|fullscreen|gesture|hash|input|invalid|key|load|message|mouse|offline|online|page|paste|pause|play|pointer|popstate|progress|ratechange|readystate|repeat|reset|resize|scroll|search|secur|seek|select|show|slot|stalled|start|storage|submit|suspend|time|toggle|touch|transition|unhandled|unload|volume|waiting|webkit|wheel)[a-z]{0,20}'
const EVENT_NAME = new RegExp(`^${EVENT}$`)
const URL_ATTRIBUTES = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'xlink:href',
  'data',
  'background',
  'poster',
  'from',
  'to',
  'values',
  'srcset',
  'dynsrc',
  'lowsrc',
])
const CODE_URL =
  /^(?:(?:javascript|vbscript|livescript|mocha):|data:(?:text\/html|image\/svg|application\/|text\/xml))/
const CODE_STYLE = /expression\(|(?:javascript|vbscript):|-moz-binding|behavior:url/
const ACTIVE = ['html', 'markdown'] as const

/** Rules on HTML that runs code or takes the page over. */
export const HTML_RULES: readonly ThreatRule[] = [
  tagRule('html-script-element', 'high', 'An element that runs code or another document.', (tag) =>
    CODE_ELEMENTS.has(tag.name),
  ),
  tagRule('html-split-tag', 'high', 'A tag in a tag, which becomes one when the inner is removed.', (tag) =>
    isSplit(tag.name),
  ),
  tagRule('html-frame', 'medium', 'A frame that shows another document.', (tag) => FRAMES.has(tag.name)),
  tagRule(
    'html-refresh',
    'high',
    'A page that sends its reader elsewhere.',
    (tag) =>
      tag.name === 'meta' &&
      tag.attributes.some((one) => one.name === 'http-equiv' && /refresh|set-cookie/i.test(one.value)),
  ),
  tagRule(
    'html-form',
    'medium',
    'A form that sends what is typed to another place.',
    (tag) =>
      tag.name === 'form' &&
      tag.attributes.some(
        (one) => one.name === 'action' && /^(?:https?:)?\/\//.test(attributeUrl(one.value)),
      ),
  ),
  attributeRule(
    'html-event-handler',
    'An attribute that runs code on an event.',
    (one) => EVENT_NAME.test(one.name) && one.value !== '',
  ),
  attributeRule(
    'html-code-url',
    'An address that runs code.',
    (one) => URL_ATTRIBUTES.has(one.name) && CODE_URL.test(attributeUrl(one.value)),
  ),
  attributeRule(
    'html-code-style',
    'A style that runs code.',
    (one) =>
      one.name === 'style' && CODE_STYLE.test(attributeUrl(one.value).replace(/\/\*[^*]{0,100}\*\/|\\/g, '')),
  ),
  attributeRule('html-srcdoc', 'A document in an attribute.', (one) => one.name === 'srcdoc'),
  attributeRule(
    'html-mutation',
    'An attribute that becomes a tag where what stands before it is read otherwise.',
    (one) => endsWhatIsAround(one.value),
    'medium',
  ),
  {
    id: 'html-style-sheet',
    family: 'active-html',
    severity: 'medium',
    contexts: ACTIVE,
    summary: 'A style sheet that loads another or runs code.',
    matcher: {
      kind: 'pattern',
      pattern:
        /<style\b[^<>]{0,200}>[^<]{0,2000}?(?:@im\\?port|expression\(|(?:javascript|vbscript):|-moz-binding|behavior\s{0,9}:)/gi,
    },
  },
  {
    id: 'html-attribute-break-out',
    family: 'active-html',
    severity: 'high',
    contexts: ['html'],
    summary: 'A quote that ends an attribute, and an event handler after it.',
    matcher: {
      kind: 'pattern',
      pattern: new RegExp(
        `(?:["'][\\s/]{0,20}(?:[a-z-]{1,30}[\\s/]{1,20})?|^\\s{1,20})${EVENT}\\s{0,10}=\\s{0,10}["']?[a-z_$.]{1,60}[(\`=]`,
        'gi',
      ),
    },
  },
]

/** `scr<script`: what is left when a filter removes the inner tag. A type such as `Map<string` is none. */
function isSplit(name: string): boolean {
  const [outer = '', inner] = name.replace(/^\//, '').split('<', 2)
  return (
    inner !== undefined &&
    outer.length > 1 &&
    SPLIT_ELEMENTS.some((one) => one.startsWith(outer) && one !== outer)
  )
}

function tagRule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  isThreat: (tag: HtmlTag) => boolean,
): ThreatRule {
  const scan = (text: ThreatText): readonly ThreatMatch[] => text.memo(htmlTags).filter(isThreat)
  return { id, family: 'active-html', severity, contexts: ACTIVE, summary, matcher: { kind: 'scan', scan } }
}

function attributeRule(
  id: string,
  summary: string,
  isThreat: (one: HtmlAttribute) => boolean,
  severity: ThreatSeverity = 'high',
): ThreatRule {
  const scan = (text: ThreatText): readonly ThreatMatch[] =>
    text.memo(htmlTags).flatMap((tag) => tag.attributes.filter(isThreat))
  return {
    id,
    family: 'active-html',
    severity,
    contexts: ACTIVE,
    summary,
    matcher: { kind: 'scan', scan },
  }
}
