import { InvalidOptionError, requireInteger } from '../../errors/index.ts'
import { EncodingError } from '../encoders/encoding-error.ts'

/** What is asked of sanitize-html: the settings that we use, by its own names. */
export interface SanitizeHtmlSettings {
  allowedTags: string[]
  allowedAttributes: Record<string, string[]>
  allowedSchemes: string[]
  allowedSchemesByTag: Record<string, string[]>
  allowedSchemesAppliedToAttributes: string[]
  allowProtocolRelative: boolean
  disallowedTagsMode: 'discard'
  enforceHtmlBoundary: boolean
  nestingLimit: number
  parseStyleAttributes: boolean
  transformTags: Record<string, (tagName: string, attribs: Record<string, string>) => HtmlTag>
  exclusiveFilter: (frame: { tag: string; attribs: Record<string, string> }) => boolean
}

/** A tag as sanitize-html passes it around. */
export interface HtmlTag {
  tagName: string
  attribs: Record<string, string>
}

/** The function that the package sanitize-html (2.17 or later) exports. */
export type SanitizeHtml = (html: string, settings: SanitizeHtmlSettings) => string

/** What a model's HTML may hold besides formatting, lists, tables and code. */
export interface HtmlPolicy {
  /** Hosts that links may lead to, sub-domains not included, or `any`. Default `any` (http, https and mailto). */
  readonly linkHosts?: readonly string[] | 'any'
  /**
   * Hosts that images may be loaded from, over https. Default: none, an image's address carries data out the moment it is
   * shown.
   */
  readonly imageHosts?: readonly string[]
  /** Longest text, in UTF-16 code units, 1 to 10000000. Default 200000. */
  readonly maxCharacters?: number
  /** Deepest nesting of elements, 1 to 200; what is deeper is dropped. Default 50. */
  readonly maxDepth?: number
}

const FORMATTING =
  'p br hr b i em strong s del ins sub sup mark small blockquote q h1 h2 h3 h4 h5 h6 ul ol li dl dt dd ' +
  'code pre kbd samp var table caption thead tbody tfoot tr th td div span a'

/**
 * A function that makes HTML of a model safe to show: no scripts, styles, forms, frames, ids or classes; links open
 * without the opener and are not followed by crawlers. For HTML only: a plain text goes through `encodeHtmlText`, since
 * a sanitiser drops whatever of it looks like a tag. `sanitize` is sanitize-html, passed in.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad policy. The function throws EncodingError `TEXT_NOT_ENCODABLE` on
 * a text beyond `maxCharacters`.
 */
export function htmlSanitizer(sanitize: SanitizeHtml, policy: HtmlPolicy = {}): (html: string) => string {
  const max = requireInteger('maxCharacters', policy.maxCharacters ?? 200_000, { min: 1, max: 10_000_000 })
  const linkHosts = policy.linkHosts ?? 'any'
  const links = linkHosts === 'any' ? null : requireHosts('linkHosts', linkHosts)
  const images = requireHosts('imageHosts', policy.imageHosts ?? [])
  const settings: SanitizeHtmlSettings = {
    allowedTags: [...FORMATTING.split(' '), ...(images.size > 0 ? ['img'] : [])],
    allowedAttributes: {
      a: ['href', 'title', 'rel', 'target'],
      img: ['src', 'alt', 'title', 'width', 'height'],
      th: ['colspan', 'rowspan', 'scope'],
      td: ['colspan', 'rowspan'],
      ol: ['start'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['https'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    enforceHtmlBoundary: false,
    nestingLimit: requireInteger('maxDepth', policy.maxDepth ?? 50, { min: 1, max: 200 }),
    parseStyleAttributes: false,
    transformTags: { a: (tagName, attribs) => ({ tagName, attribs: linkAttributes(attribs, links) }) },
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !isHostOf(attribs.src, images, ['https:']),
  }
  return (html) => {
    if (html.length > max) throw EncodingError.notEncodable('HTML', `at most ${max} characters`)
    return sanitize(html.toWellFormed(), settings)
  }
}

function linkAttributes(
  attribs: Record<string, string>,
  hosts: ReadonlySet<string> | null,
): Record<string, string> {
  const { href, title } = attribs
  const isAllowed = href !== undefined && (hosts === null || isHostOf(href, hosts, ['http:', 'https:']))
  return {
    ...(isAllowed ? { href } : {}),
    ...(title === undefined ? {} : { title }),
    rel: 'noopener noreferrer nofollow ugc',
    target: '_blank',
  }
}

/** The address as a browser reads it decides, so that neither blanks, backslashes nor user names hide another host. */
function isHostOf(
  address: string | undefined,
  hosts: ReadonlySet<string>,
  protocols: readonly string[],
): boolean {
  const url = address === undefined ? null : URL.parse(address)
  return url !== null && protocols.includes(url.protocol) && hosts.has(url.hostname)
}

function requireHosts(option: string, hosts: readonly string[]): ReadonlySet<string> {
  for (const host of hosts) {
    if (URL.parse(`https://${host}/`)?.hostname !== host) {
      throw new InvalidOptionError(option, 'host names in lower case without port, path or scheme', host)
    }
  }
  return new Set(hosts)
}
