import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BaseName, debianRoot } from './debian-root.ts'
import { parseDockerfile } from './dockerfile.ts'
import type { ImageBuild, ImageEngine } from './image-engine.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The revision that images which are built to be tried say they are of. */
export const REVISION = 'proof'

/** The images of this repository, by the folder of each one's Dockerfile. */
export const IMAGES = {
  server: { folder: '.', tag: 'golden-architecture/reference-server', base: 'node' },
  javascript: {
    folder: 'images/sandbox-javascript',
    tag: 'golden-architecture/sandbox-javascript',
    base: 'node',
  },
  python: { folder: 'images/sandbox-python', tag: 'golden-architecture/sandbox-python', base: 'python' },
} as const satisfies Record<string, { folder: string; tag: string; base: BaseName }>

/** Imports a stand-in for the base image that a Dockerfile names, under that very name. */
export async function importBase(engine: ImageEngine, image: keyof typeof IMAGES): Promise<string> {
  const { folder, base } = IMAGES[image]
  const name = parseDockerfile(readFileSync(join(ROOT, folder, 'Dockerfile'), 'utf8')).stages[0]?.from ?? ''
  await engine.import(await debianRoot(base), name)
  return name
}

/** How an image is built of the files below `root`; `secrets` for those that fetch packages. */
export function buildOf(
  root: string,
  image: keyof typeof IMAGES,
  secrets: ImageBuild['secrets'] = {},
): ImageBuild {
  const { folder, tag } = IMAGES[image]
  return {
    context: join(root, folder),
    tag: `${tag}:proof`,
    buildArguments: { REVISION },
    secrets: image === 'server' ? secrets : {},
  }
}
