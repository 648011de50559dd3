import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDockerfile, wordsOf } from './dockerfile.ts'
import type { IsIgnored } from './ignored-paths.ts'

/** What must never reach an engine, wherever it lies. */
const KEPT_BACK = [
  '.env',
  '.git/config',
  '.golden-arch/server/PG_VERSION',
  '.npmrc.token',
  '.turbo/x',
  'examples/reference-server/.env',
  'examples/reference-server/.env.local',
  'examples/reference-server/.golden-arch/server/x',
  'examples/reference-server/console/.env.production',
  'examples/reference-server/console/dist/index.html',
  'examples/reference-server/src/.env',
  'examples/reference-server/src/serve.test.ts',
  'node_modules/zod/index.js',
  'packages/core/.env',
  'packages/core/dist/index.js',
  'packages/core/node_modules/zod/index.js',
  'packages/core/src/signing.pem',
  'packages/core/src/testing/index.ts',
  'secrets/DATABASE_URL',
]

/** What a build of the server takes from the repository. */
export interface BuildContext {
  readonly dockerfile: string
  readonly isIgnored: IsIgnored
  /** Commands that manifests give to its image, as lists of words. */
  readonly commands: readonly (readonly string[])[]
}

/** What the image of the server would lack, or have too much of, of the repository at `root`. */
export function contextFindings(
  root: string,
  { dockerfile, isIgnored, commands }: BuildContext,
): readonly string[] {
  const instructions = parseDockerfile(dockerfile).stages.flatMap((stage) => stage.instructions)
  const copied = instructions
    .filter(({ name, text }) => name === 'COPY' && !text.includes('--from='))
    .flatMap(({ text }) => text.split(/\s+/).slice(0, -1))
  const isCopied = (path: string): boolean =>
    copied.some((each) => path === each || path.startsWith(`${each}/`))
  const run = [
    ...instructions.filter(({ name }) => /^(ENTRYPOINT|CMD|HEALTHCHECK)$/.test(name)).map(wordsOf),
    ...commands,
  ]
  const programs = run.flatMap((words) => words.filter((word) => /\.[cm]?[jt]s$/.test(word)))
  return [
    ...copied.flatMap((path) => {
      if (!existsSync(join(root, path))) return [`COPY ${path}: not in the repository`]
      return isIgnored(path) ? [`COPY ${path}: kept back by .dockerignore`] : []
    }),
    ...neededManifests(root).flatMap((path) =>
      copied.includes(path) ? [] : [`${path}: npm cannot read it`],
    ),
    ...programs.flatMap((path) =>
      existsSync(join(root, path)) && isCopied(path) && !isIgnored(path)
        ? []
        : [`${path}: run, and not in the image`],
    ),
    ...KEPT_BACK.filter((path) => !isIgnored(path)).map((path) => `${path}: reaches the engine`),
  ]
}

/** What npm reads of a manifest that decides which others it reads. */
interface WorkspaceManifest {
  readonly path: string
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** The `package.json` of the server and of each workspace that it leans on; of others npm reads nothing. */
function neededManifests(root: string): readonly string[] {
  const manifests = workspaceManifests(root)
  const needed = new Set(['@golden-arch/reference-server'])
  // A set visits what is added while it is walked.
  for (const name of needed) {
    const { dependencies, devDependencies } = manifests.find((one) => one.name === name) ?? {}
    for (const other of Object.keys({ ...dependencies, ...devDependencies })) needed.add(other)
  }
  return manifests.filter(({ name }) => needed.has(name)).map(({ path }) => path)
}

function workspaceManifests(root: string): readonly WorkspaceManifest[] {
  // Our own package.json, of which one member is read.
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: readonly string[]
  }
  return globSync(
    workspaces.map((each) => `${each}/package.json`),
    { cwd: root },
  ).map((found) => {
    const path = found.replaceAll('\\', '/')
    // Ours too, of the shape that npm asks for.
    return {
      path,
      ...(JSON.parse(readFileSync(join(root, path), 'utf8')) as Omit<WorkspaceManifest, 'path'>),
    }
  })
}
