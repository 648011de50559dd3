import type { GuestProgram } from '../ports/sandbox-backend.ts'
import { TAR_BLOCK_BYTES, type TarEntry, writeTar } from './tar-archive.ts'

/** Bytes of the line before the archive; fixed, so that a shim reads it at once. */
const HEADER_BYTES = 128
const NOTHING = new Uint8Array()
const encoder = new TextEncoder()

/**
 * What a shim reads from its standard input: a line with the word that will mark the end and the number of blocks, then a
 * tar archive (`c` the code, `a/…` arguments, `e/…` environment, `w/…` files), then the guest's own standard input.
 */
export function inputFrame(program: GuestProgram, nonce: string): Buffer {
  const { code, argv = [], env = {}, files = [], stdin = '' } = program
  const folders = new Set(files.flatMap(({ path }) => foldersOf(`w/${path}`)))
  const entries: TarEntry[] = [
    { name: 'c', content: encoder.encode(code) },
    ...['w/', 'w/out/', ...folders].map((name) => ({ name, content: NOTHING })),
    ...files.map(({ path, content }) => ({ name: fileName(path), content })),
    ...argv.map((each, index) => ({
      name: `a/${String(index).padStart(3, '0')}`,
      content: encoder.encode(each),
    })),
    ...Object.entries(env).map(([name, value]) => ({ name: `e/${name}`, content: encoder.encode(value) })),
  ]
  const archive = writeTar(entries)
  const header = `${nonce} ${archive.byteLength / TAR_BLOCK_BYTES} `.padEnd(HEADER_BYTES - 1)
  return Buffer.concat([Buffer.from(`${header}\n`), archive, Buffer.from(stdin)])
}

function fileName(path: string): string {
  return `w/${path}`
}

function foldersOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.slice(1).map((_, index) => `${names.slice(0, index + 2).join('/')}/`)
}
