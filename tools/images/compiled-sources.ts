import type { ImageEngine } from './image-engine.ts'

/** Of the files that a server's start reads, how many Node found compiled. */
export interface CompiledSources {
  readonly found: number
  readonly missing: number
}

const START = 'node --conditions=golden-arch-source examples/reference-server/src/main.ts --help 2>&1'

/** Starts the server of an image on a root file system that is read only, and counts. */
export async function compiledSources(engine: ImageEngine, tag: string): Promise<CompiledSources> {
  const said = await engine.run(
    ...['run', '--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp'],
    ...['--env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE', '--entrypoint', 'sh', tag, '-c', START],
  )
  const readings = said.split('\n').filter((line) => line.includes('reading cache from'))
  const found = readings.filter((line) => /success, size=\d+$/.test(line)).length
  return { found, missing: readings.length - found }
}
