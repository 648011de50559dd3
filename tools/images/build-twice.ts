import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { differences, listFiles } from './file-listing.ts'
import type { ImageBuild, ImageEngine } from './image-engine.ts'

/** What became of an image that was built twice. */
export interface BuiltTwice {
  readonly id: string
  readonly paths: readonly string[]
  readonly sizeBytes: number
  readonly buildMs: readonly [first: number, second: number]
  /** Files that are not the same in both. */
  readonly differences: readonly string[]
}

/** Builds an image, builds it anew, and compares all of its files. */
export async function buildTwice(
  engine: ImageEngine,
  build: ImageBuild,
  folder: string,
): Promise<BuiltTwice> {
  const first = await buildAndList(engine, build, join(folder, 'first'))
  const second = await buildAndList(engine, { ...build, isAnew: true }, join(folder, 'second'))
  return {
    id: second.id,
    paths: [...second.listing.keys()],
    sizeBytes: await engine.sizeOf(build.tag),
    buildMs: [first.ms, second.ms],
    differences: differences(first.listing, second.listing),
  }
}

async function buildAndList(
  engine: ImageEngine,
  build: ImageBuild,
  folder: string,
): Promise<{ readonly id: string; readonly ms: number; readonly listing: ReadonlyMap<string, string> }> {
  const startedAt = performance.now()
  const id = await engine.build(build)
  const ms = performance.now() - startedAt
  mkdirSync(folder, { recursive: true })
  await engine.unpack(build.tag, folder)
  const listing = listFiles(folder)
  for (const path of [folder, `${folder}.tar`]) await rm(path, { recursive: true })
  return { id, ms, listing }
}
