import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Command, CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { ownManifest } from '../own-manifest.ts'
import { readWords } from '../read-words.ts'
import type { Dependency } from '../surroundings/addresses.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { CONFIGURATION_NAMES } from '../surroundings/configuration.ts'
import { PACKAGE_NAMES, readPackageNames } from './chosen-packages.ts'
import { findPackageManager, installPackages } from './package-manager.ts'
import { type ExistingFile, type InitPlan, planInit } from './plan-init.ts'

const SERVICES = ['postgres', 'redis', 'nats'] as const
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

const USAGE = `usage: golden-arch init <package …> [options]
  Adds packages to the application in this folder: to its package.json, which is made where there is none, with the
  clients of the servers; a configuration for golden-arch; and a Compose file with the servers, for development.
  What is there stays: a file that differs is kept, and so is the version of a dependency.

  packages: ${PACKAGE_NAMES.join(', ')}

  --services <list>     of ${SERVICES.join(',')} with commas, or none (default: all three)
  --format <ts | json>  of the configuration (default: ts where there is a tsconfig.json, else json)
  --no-install          writes the files and installs nothing; else npm, pnpm, yarn or bun installs, whichever is in use
  --dry-run             says what would be done, and does nothing
  --force               replaces what differs

Exit code: 0 done; 1 package.json cannot be read, or the installation failed; 2 not understood.`

/** `golden-arch init`: an application with the chosen packages. */
export const initCommand: Command = {
  name: 'init',
  summary: 'adds packages, a configuration and a Compose file to an application',
  usage: USAGE,
  run: runInit,
}

async function runInit(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    services: { type: 'string' },
    format: { type: 'string' },
    'no-install': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    force: { type: 'boolean' },
  })
  const { folder, terminal, environment, signal } = context
  const packages = readPackageNames(positionals)
  const services = readServices(values.services)
  const format = await readFormat(values.format, folder)
  const { version, peerDependencies } = await ownManifest()
  const manifestText = await textAt(folder, 'package.json')
  const plan = planInit({
    ...{ packages, services, version, manifestText, clientRanges: peerDependencies },
    isForced: values.force === true,
    configuration: await firstThere(folder, CONFIGURATION_NAMES, `golden-arch.config.${format}`),
    compose: await firstThere(folder, COMPOSE_NAMES, 'compose.yaml'),
  })
  const packageManager = findPackageManager(folder, manifestText, environment)
  const installs = values['no-install'] !== true
  const isDryRun = values['dry-run'] === true
  for (const line of planLines(plan)) terminal.say(line)
  if (installs) terminal.say(`run ${packageManager} install`)
  if (isDryRun) terminal.say('nothing was done')
  else {
    for (const { name, action, text } of plan.files) {
      if (action === 'keep' || action === 'unchanged') continue
      // A file that has come since is not written over.
      await writeFile(join(folder, name), text, { flag: action === 'create' ? 'wx' : 'w' })
    }
    if (installs) {
      terminal.progress(`${packageManager} install`)
      await installPackages(packageManager, { folder, environment, signal })
    }
    for (const line of nextSteps(installs, packageManager, services)) terminal.say(line)
  }
  const files = plan.files.map(({ name, action }) => ({ name, action }))
  const { added, kept } = plan
  return {
    exitCode: EXIT_CODES.ok,
    result: { isDryRun, files, added, kept, packageManager, isInstalled: installs && !isDryRun },
  }
}

function readServices(text: string | undefined): readonly Dependency[] {
  if (text === undefined) return SERVICES
  if (text === 'none') return []
  return text.split(',').map((word) => {
    const service = SERVICES.find((one) => one === word)
    if (service === undefined) throw CliError.usage(`--services must be of ${SERVICES.join(',')}, or none`)
    return service
  })
}

async function readFormat(text: string | undefined, folder: string): Promise<'ts' | 'json'> {
  if (text === undefined) return (await textAt(folder, 'tsconfig.json')) === undefined ? 'json' : 'ts'
  if (text !== 'ts' && text !== 'json') throw CliError.usage('--format must be ts or json')
  return text
}

async function firstThere(
  folder: string,
  names: readonly string[],
  otherwise: string,
): Promise<ExistingFile> {
  for (const name of names) {
    const text = await textAt(folder, name)
    if (text !== undefined) return { name, text }
  }
  return { name: otherwise, text: undefined }
}

/** The text of a file; undefined where there is none. */
async function textAt(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new CliError({ code: 'FILE_UNREADABLE', message: `${name} cannot be read`, cause })
  }
}

function planLines({ files, added, kept }: InitPlan): readonly string[] {
  return [
    ...files.map(({ name, action }) =>
      action === 'keep' ? `keep ${name}: it differs, and --force would replace it` : `${action} ${name}`,
    ),
    ...added.map(({ name, version }) => `add ${name} ${version}`),
    ...kept.map(({ name, version }) => `keep ${name} ${version}`),
  ]
}

function nextSteps(
  isInstalled: boolean,
  manager: string,
  services: readonly Dependency[],
): readonly string[] {
  return [
    'next:',
    ...(isInstalled ? [] : [`  ${manager} install`]),
    ...(services.length === 0
      ? []
      : [
          '  docker compose up --detach --wait',
          '  set the variables that the Compose file names at its top',
        ]),
    '  npx golden-arch migrate up',
    '  npx golden-arch doctor',
  ]
}
