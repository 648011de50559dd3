import { CliError } from '../cli-error.ts'

/** What is wanted of a package.json. */
export interface ManifestWish {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  /** Whether versions that are there already are replaced. */
  readonly isForced: boolean
}

/** One dependency, as it becomes or stays. */
export interface DependencyChange {
  readonly name: string
  readonly version: string
  readonly isDevelopment: boolean
}

/** A package.json with the wish granted. */
export interface ManifestChange {
  readonly text: string
  readonly added: readonly DependencyChange[]
  /** Those that are there in another version, which stays. */
  readonly kept: readonly DependencyChange[]
}

const NEW_MANIFEST = '{\n  "private": true,\n  "type": "module"\n}\n'

/**
 * Adds dependencies to the text of a package.json, in order of name; undefined makes a new one. Indentation and all else
 * stay as they are.
 * @throws CliError `MANIFEST_INVALID` on a text that is no package.json.
 */
export function changeManifest(text: string | undefined, wish: ManifestWish): ManifestChange {
  const before = text ?? NEW_MANIFEST
  const manifest = parsed(before)
  const added: DependencyChange[] = []
  const kept: DependencyChange[] = []
  const there = { ...membersOf(manifest, 'devDependencies'), ...membersOf(manifest, 'dependencies') }
  for (const group of ['dependencies', 'devDependencies'] as const) {
    const isDevelopment = group === 'devDependencies'
    const members = membersOf(manifest, group)
    for (const [name, version] of Object.entries(wish[group])) {
      const present = there[name]
      if (present === version) continue
      if (present !== undefined && !(wish.isForced && name in members)) {
        kept.push({ name, version: String(present), isDevelopment })
        continue
      }
      members[name] = version
      added.push({ name, version, isDevelopment })
    }
    if (Object.keys(members).length > 0) {
      const sorted = Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1))
      manifest[group] = Object.fromEntries(sorted)
    }
  }
  if (added.length === 0 && text !== undefined) return { text, added, kept }
  const indent = /^([ \t]+)"/m.exec(before)?.[1] ?? '  '
  return { text: `${JSON.stringify(manifest, null, indent)}\n`, added, kept }
}

function parsed(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('is no JSON object')
  // A copy, whose members are all of unknown type.
  return { ...value }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause))
  }
}

function membersOf(manifest: Readonly<Record<string, unknown>>, group: string): Record<string, unknown> {
  const members = manifest[group] ?? {}
  if (typeof members !== 'object' || Array.isArray(members)) throw invalid(`has no object ${group}`)
  return { ...members }
}

function invalid(reason: string): CliError {
  return new CliError({ code: 'MANIFEST_INVALID', message: `package.json ${reason}` })
}
