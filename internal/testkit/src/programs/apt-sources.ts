import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One place that apt takes packages from. */
export interface AptSource {
  readonly uris: string
  readonly suites: readonly string[]
  /** File with the keys, or empty: apt's own trusted keys. */
  readonly signedBy: string
}

/** The sources that apt is set up with on this machine, read off its files in both of their formats. */
export function readAptSources(folder = '/etc/apt'): readonly AptSource[] {
  const parts = join(folder, 'sources.list.d')
  const files = [join(folder, 'sources.list')]
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => join(parts, name)))
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8').replaceAll(/^#.*\n?/gm, '')
      return file.endsWith('.sources') ? parseStanzas(text) : parseLines(text)
    })
}

function parseStanzas(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string =>
      new RegExp(`^${name}:(.*(\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? ''
    if (!/\bdeb\b/.test(field('Types')) || /^no/i.test(field('Enabled'))) return []
    return [{ uris: field('URIs'), suites: field('Suites').split(/\s+/), signedBy: field('Signed-By') }]
  })
}

function parseLines(text: string): readonly AptSource[] {
  return [...text.matchAll(/^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)/gm)].map(
    ([, options = '', uris = '', suite = '']) => ({
      uris,
      suites: [suite],
      signedBy: /signed-by=(\S+)/.exec(options)?.[1] ?? '',
    }),
  )
}

/**
 * The text of a sources file with the main packages of the release `wanted`, taken from where this machine takes its
 * `own` release. A release that is not its own comes without its updates. Throws when the machine has no such source.
 */
export function sourcesForRelease(sources: readonly AptSource[], own: string, wanted: string): string {
  const stanzas = sources.flatMap(({ uris, suites, signedBy }) => {
    const chosen =
      wanted === own
        ? suites.filter((suite) => suite === own || suite.startsWith(`${own}-`))
        : suites.filter((suite) => suite === own).map(() => wanted)
    if (chosen.length === 0) return []
    const lines = ['Types: deb', `URIs: ${uris}`, `Suites: ${chosen.join(' ')}`, 'Components: main']
    return [[...lines, ...(signedBy === '' ? [] : [`Signed-By: ${signedBy}`])].join('\n')]
  })
  if (stanzas.length === 0) throw new Error(`apt has no source for ${own}`)
  return `${stanzas.join('\n\n')}\n`
}
