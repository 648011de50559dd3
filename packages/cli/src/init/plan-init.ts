import type { Dependency } from '../surroundings/addresses.ts'
import { modulesOf, type PackageName } from './chosen-packages.ts'
import { composeFile } from './compose-file.ts'
import { type ConfigurationFormat, configurationFile } from './configuration-file.ts'
import { changeManifest, type DependencyChange } from './manifest-change.ts'

/** What a plan is made from. */
export interface InitFacts {
  readonly packages: readonly PackageName[]
  readonly services: readonly Dependency[]
  /** Whether what is there is replaced. */
  readonly isForced: boolean
  /** Version of this package, which is that of the others. */
  readonly version: string
  /** The versions of client packages that the packages work with. */
  readonly clientRanges: Readonly<Record<string, string>>
  /** Text of package.json; undefined where there is none. */
  readonly manifestText: string | undefined
  /** The configuration: its name, and its text where it is there. */
  readonly configuration: ExistingFile
  /** The Compose file, likewise. */
  readonly compose: ExistingFile
}

/** A file that is there, or the name under which it would be made. */
export interface ExistingFile {
  readonly name: string
  readonly text: string | undefined
}

/** What becomes of a file: `keep`: it is there and differs, and stays; `unchanged`: it is what would be written. */
export interface PlannedFile {
  readonly name: string
  readonly action: 'create' | 'change' | 'replace' | 'keep' | 'unchanged'
  readonly text: string
}

/** What is to be done. */
export interface InitPlan {
  readonly files: readonly PlannedFile[]
  readonly added: readonly DependencyChange[]
  readonly kept: readonly DependencyChange[]
}

const CLIENTS: Readonly<Record<Dependency, readonly string[]>> = {
  postgres: ['pg'],
  redis: ['ioredis'],
  nats: ['@nats-io/transport-node', '@nats-io/jetstream'],
}

/**
 * Decides what becomes of each file.
 * @throws CliError `MANIFEST_INVALID`.
 */
export function planInit(facts: InitFacts): InitPlan {
  const { packages, services, isForced, manifestText, configuration, compose } = facts
  const format = formatOf(configuration.name)
  // Of the clients, pg alone is published without its types.
  const types = format === 'ts' && services.includes('postgres') ? { '@types/pg': '^8.0.0' } : {}
  const { text, added, kept } = changeManifest(manifestText, {
    dependencies: wantedDependencies(facts),
    devDependencies: { '@golden-arch/cli': `^${facts.version}`, ...types },
    isForced,
  })
  const manifestAction =
    manifestText === undefined ? 'create' : text === manifestText ? 'unchanged' : 'change'
  const config = configurationFile(format, modulesOf(packages))
  return {
    files: [
      { name: 'package.json', action: manifestAction, text },
      planned(configuration, config, isForced),
      ...(services.length === 0 ? [] : [planned(compose, composeFile(services), isForced)]),
    ],
    added,
    kept,
  }
}

function wantedDependencies(facts: InitFacts): Readonly<Record<string, string>> {
  const { packages, services, version, clientRanges } = facts
  // Every package takes its clients through the adapters of core.
  const ours = new Set<PackageName>(['core', ...packages])
  const clients = services.flatMap((service) => CLIENTS[service])
  return {
    ...Object.fromEntries([...ours].map((name) => [`@golden-arch/${name}`, `^${version}`])),
    ...Object.fromEntries(clients.map((name) => [name, newestOf(clientRanges[name] ?? '*')])),
  }
}

/** The last of the alternatives of a range. */
function newestOf(range: string): string {
  return range.split('||').at(-1)?.trim() ?? range
}

function planned({ name, text: present }: ExistingFile, text: string, isForced: boolean): PlannedFile {
  if (present === undefined) return { name, action: 'create', text }
  if (present === text) return { name, action: 'unchanged', text }
  return { name, action: isForced ? 'replace' : 'keep', text }
}

function formatOf(name: string): ConfigurationFormat {
  if (name.endsWith('.json')) return 'json'
  return name.endsWith('js') ? 'js' : 'ts'
}
