import type { ThreatMatch, ThreatRule, ThreatSeverity } from '../threat-rule.ts'

const SENSITIVE =
  /^(?:file:|[/\\]{1,2}(?:etc|proc|sys|dev|root|boot|run|var[/\\](?:run|log|lib|spool))(?:[/\\]|$))/i
const DRIVE_OR_SHARE = /^(?:[a-z]:(?:[/\\]|$)|[/\\]{2}[^/\\])/i
const STREAM = /::\$(?:data|index_allocation)/i
const DEVICE = /(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]{0,200})?(?:\/|$)/i

/** Rules on a path that leaves the folder it shall stay in. */
export const PATH_RULES: readonly ThreatRule[] = [
  rule('path-traversal', 'high', 'A path that climbs above its start.', climbs),
  rule('path-sensitive', 'high', 'A path to a place of the system.', (path) => SENSITIVE.test(path)),
  rule('path-other-root', 'high', 'A path that begins at a drive or a share.', (path) =>
    DRIVE_OR_SHARE.test(path),
  ),
  rule('path-absolute', 'medium', 'A path that begins at the root.', (path) => path.startsWith('/')),
  rule('path-home', 'medium', 'A path that begins at the home of a user.', (path) =>
    /^~[\w-]{0,32}(?:[/\\]|$)/.test(path),
  ),
  rule('path-control', 'high', 'A character that ends or hides a name.', hasControl),
  rule('path-stream', 'high', 'A hidden stream of a file.', (path) => STREAM.test(path)),
  rule('path-device', 'medium', 'The name of a device.', (path) => DEVICE.test(path)),
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  isThreat: (path: string) => boolean,
): ThreatRule {
  const scan = (text: {
    readonly text: string
    readonly memo: <T>(of: (text: string) => T) => T
  }): readonly ThreatMatch[] =>
    isThreat(text.memo(decodedPath)) ? [{ start: 0, end: text.text.length }] : []
  return {
    id,
    family: 'path-traversal',
    severity,
    contexts: ['path'],
    summary,
    matcher: { kind: 'scan', scan },
  }
}

/** ASCII, and the overlong and wide forms of dot and slashes that lenient decoders take for them. */
const ENCODED =
  /%(?:(?:c0|c1|e0%80|f0%80%80|fc%80%80%80%80)%(?:ae|af|9c|2e|2f|5c)|u(?:002e|002f|005c|2215|2216|ff0e|ff0f|ff3c)|[0-7][0-9a-f])|0x(?:2e|2f|5c)/gi

function decoded(code: string): string {
  const last = code.slice(-2).toLowerCase()
  if (code.length === 3) return String.fromCharCode(Number.parseInt(last, 16))
  if (last === '2e' || last === 'ae' || last === '0e') return '.'
  return last === '5c' || last === '9c' || last === '3c' || last === '16' ? '\\' : '/'
}

/** Servers are known to decode twice; once more for good measure. */
const ROUNDS = 3

function decodedPath(text: string): string {
  let path = text.trim()
  for (let round = 0; round < ROUNDS; round++) {
    path = path.replace(ENCODED, decoded)
  }
  return path
}

/** What becomes `../` when that is removed once. */
const REMADE = /\.\.\.[/\\]\.[/\\]/

function climbs(path: string): boolean {
  if (REMADE.test(path)) return true
  let depth = 0
  for (const raw of path.split(/[/\\]/)) {
    // Some servers cut what follows a semicolon, and `....//` too becomes `../` when that is removed once.
    const part = raw.split(';', 1)[0] ?? ''
    if (part === '' || part === '.') continue
    depth += part === '..' || part === '....' ? -1 : 1
    if (depth < 0) return true
  }
  return false
}

function hasControl(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\u0000-\u001f\u007f]/.test(path)
}
