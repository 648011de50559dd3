/**
 * Entry of a child process that runs one Python program in Pyodide, in the format of `input-frame.ts` and `end-frame.ts`. It is
 * started with Node's permissions taken away and without code from strings. That hinders a guest; it does not hold one who is
 * determined, as Pyodide lets Python reach JavaScript objects of this process.
 */
import fs from 'node:fs'
import { pathToFileURL } from 'node:url'
import { readTarHead, TAR_BLOCK_BYTES, writeTar } from '../../program/tar-archive.ts'
import { OUT_OF_MEMORY_EXIT, type PyodideChildStart } from './child-command.ts'
import { limitDisk, type MemoryFileSystem } from './disk-quota.ts'
import { limitWasmMemory } from './limit-wasm-memory.ts'
import { PYTHON_RUNNER } from './python-runner.ts'

/** The parts of Pyodide that we use. */
interface Pyodide {
  readonly FS: {
    readonly filesystems: { readonly MEMFS: MemoryFileSystem }
    readonly ErrnoError: new (code: number) => Error
    mkdirTree(path: string): void
    chdir(path: string): void
    readdir(path: string): readonly string[]
    lstat(path: string): { readonly mode: number }
    isDir(mode: number): boolean
    isFile(mode: number): boolean
    readFile(path: string): Uint8Array
    writeFile(path: string, content: Uint8Array): void
  }
  runPython(code: string): (...args: readonly unknown[]) => number
  toPy(value: unknown): unknown
  setStdin(options: { readonly read: (buffer: Uint8Array) => number }): void
  setStdout(options: { readonly write: (data: Uint8Array) => number }): void
  setStderr(options: { readonly write: (data: Uint8Array) => number }): void
  setInterruptBuffer(buffer: object): void
  unregisterJsModule(name: string): void
}

interface PyodideModule {
  loadPyodide(options: object): Promise<Pyodide>
}

const WORK = '/tmp/work'
const HEADER_BYTES = 128
const NO_SPACE = 51
const ABORTED = 134
const ORPHAN_LOOK_MS = 500
const pause = new Int32Array(new SharedArrayBuffer(4))
const parent = process.ppid

/** Does once what a descriptor that is not ready asks to be done again. */
function persist(attempt: () => number): number {
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}

function put(fd: number, data: Uint8Array): void {
  for (let used = 0; used < data.byteLength; ) used += persist(() => fs.writeSync(fd, data, used))
}

function readInput(buffer: Uint8Array): number {
  return persist(() => fs.readSync(0, buffer))
}

function take(size: number): Buffer {
  const whole = Buffer.alloc(size)
  for (let used = 0; used < size; ) {
    const read = readInput(whole.subarray(used))
    if (read === 0) process.exit(97)
    used += read
  }
  return whole
}

/** Loads Pyodide with a bounded memory, and takes away what its loading needed. */
async function load({ folder, maxPages, diskLimitBytes }: PyodideChildStart): Promise<Pyodide> {
  // Safe: these members are there in every Node; they are replaced, and read by Pyodide alone.
  const host = globalThis as unknown as Record<string, unknown>
  const engine = host.WebAssembly as { instantiate: (source: unknown, imports: unknown) => unknown }
  const instantiate = engine.instantiate.bind(engine)
  engine.instantiate = (source, imports) =>
    instantiate(source instanceof Uint8Array ? limitWasmMemory(source, maxPages) : source, imports)
  // Pyodide asks an old interface for numbers that are public elsewhere, too; without permissions that interface is closed.
  Object.assign(process, {
    binding: (name: string) => {
      if (name !== 'constants') throw new Error('no such binding')
      return { fs: fs.constants }
    },
  })
  // Safe: the folder is that of a Pyodide, whose module exports this function.
  const { loadPyodide } = (await import(pathToFileURL(`${folder}/pyodide.mjs`).href)) as PyodideModule
  const pyodide = await loadPyodide({
    indexURL: `${folder}/`,
    jsglobals: Object.create(null),
    env: { HOME: WORK, _: 'main.py' },
  })
  limitDisk(pyodide.FS.filesystems.MEMFS, diskLimitBytes, () => new pyodide.FS.ErrnoError(NO_SPACE))
  pyodide.unregisterJsModule('pyodide_js')
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel', 'MessageChannel']) {
    host[name] = undefined
  }
  Object.assign(process, { binding: undefined, dlopen: undefined, getBuiltinModule: undefined })
  return pyodide
}

/** A program whose host has died ends as soon as its interpreter looks for signals. */
function endWithParent(pyodide: Pyodide): void {
  let nextLookMs = 0
  pyodide.setInterruptBuffer({
    get 0() {
      if (performance.now() >= nextLookMs) {
        nextLookMs = performance.now() + ORPHAN_LOOK_MS
        if (process.ppid !== parent) process.exit(97)
      }
      return 0
    },
    set 0(_signal: number) {},
  })
}

interface Handed {
  readonly nonce: string
  readonly code: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

function receive({ FS }: Pyodide): Handed {
  const [nonce = '', blocks] = take(HEADER_BYTES).toString().split(' ')
  let code = ''
  const argv: string[] = []
  const env: Record<string, string> = {}
  for (let left = Number(blocks); left > 0; ) {
    const head = readTarHead(take(TAR_BLOCK_BYTES))
    const count = Math.ceil((head?.sizeBytes ?? 0) / TAR_BLOCK_BYTES)
    const body = take(count * TAR_BLOCK_BYTES).subarray(0, head?.sizeBytes)
    left -= 1 + count
    const name = head?.name ?? ''
    if (name === 'c') code = body.toString()
    else if (name.startsWith('a/')) argv.push(body.toString())
    else if (name.startsWith('e/')) env[name.slice(2)] = body.toString()
    else if (name.startsWith('w/') && name.endsWith('/')) FS.mkdirTree(`${WORK}/${name.slice(2)}`)
    else if (name.startsWith('w/')) FS.writeFile(`${WORK}/${name.slice(2)}`, body)
  }
  return { nonce, code, argv, env }
}

function sendFolder(pyodide: Pyodide, path: string, name: string): void {
  const { FS } = pyodide
  for (const each of FS.readdir(path)) {
    if (each === '.' || each === '..') continue
    const [from, to] = [`${path}/${each}`, `${name}/${each}`]
    const { mode } = FS.lstat(from)
    if (FS.isDir(mode)) {
      sendFolder(pyodide, from, to)
      continue
    }
    // What is no file, or has a name longer than any safe path, goes by a name that the host refuses.
    const isPlain = FS.isFile(mode) && Buffer.byteLength(to) <= 100
    put(1, writeTar([isPlain ? { name: to, content: FS.readFile(from) } : { name: '', content: EMPTY }]))
  }
}

const EMPTY = new Uint8Array()

/** The code of a program that ended without unwinding; undefined where the interpreter itself fell over. */
function exitCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'status' in error ? error.status : undefined
  return Number.isInteger(code) ? Number(code) & 255 : undefined
}

function runGuest(pyodide: Pyodide): void {
  const { nonce, code, argv, env } = receive(pyodide)
  const before = process.cpuUsage()
  let status = ABORTED
  try {
    const run = pyodide.runPython(PYTHON_RUNNER)
    status = run(code, pyodide.toPy(argv), pyodide.toPy(env))
  } catch (error) {
    const exit = exitCodeOf(error)
    if (exit === undefined) put(2, Buffer.from(`${String(error).slice(0, 4096)}\n`))
    status = exit ?? ABORTED
  }
  const { user, system } = process.cpuUsage(before)
  const { maxRSS } = process.resourceUsage()
  put(2, Buffer.from(nonce))
  put(1, Buffer.from(`${nonce} ${status} ${Math.round((user + system) / 1000)} ${maxRSS}\n`))
  try {
    if (status !== ABORTED) sendFolder(pyodide, `${WORK}/out`, 'out')
  } catch {
    put(1, writeTar([{ name: '', content: EMPTY }]))
  }
  put(1, Buffer.alloc(2 * TAR_BLOCK_BYTES))
  process.exit(status === -9 ? OUT_OF_MEMORY_EXIT : 0)
}

// Safe: the backend is the only one to start this file, and starts it with a PyodideChildStart.
const start = JSON.parse(process.argv[2] ?? '{}') as PyodideChildStart
const loaded = await load(start)
loaded.FS.mkdirTree(`${WORK}/out`)
loaded.FS.chdir(WORK)
loaded.setStdin({ read: readInput })
const writeTo = (fd: number) => ({
  write: (data: Uint8Array): number => {
    put(fd, data)
    return data.byteLength
  },
})
loaded.setStdout(writeTo(1))
loaded.setStderr(writeTo(2))
endWithParent(loaded)
put(1, Buffer.from('R'))
runGuest(loaded)
