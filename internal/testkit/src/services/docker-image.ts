import { createReadStream } from 'node:fs'
import { type ImageName, imageArchive } from '../programs/image-packages.ts'
import { askDocker } from './docker-recipe.ts'

export type { ImageName } from '../programs/image-packages.ts'

const IMPORT_LIMIT_MS = 120_000

/** Imports an image into the engine at an address, if it is not there, and returns its id, `sha256:` and 64 digits. */
export async function dockerImage(address: string, name: ImageName): Promise<string> {
  const repository = `golden-arch-testkit-${name}`
  const found = await imageId(address, repository).catch(() => undefined)
  if (found !== undefined) return found
  const archive = createReadStream(await imageArchive(name))
  const path = `/images/create?fromSrc=-&repo=${repository}&tag=latest`
  await askDocker(address, 'POST', path, archive, IMPORT_LIMIT_MS)
  return imageId(address, repository)
}

async function imageId(address: string, repository: string): Promise<string> {
  // The engine's answer, of which one member is read.
  const { Id } = JSON.parse(await askDocker(address, 'GET', `/images/${repository}:latest/json`)) as {
    Id: string
  }
  return Id
}
