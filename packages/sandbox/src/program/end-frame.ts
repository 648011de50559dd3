import type { SandboxFile } from '../execution-request.ts'
import type { GuestUsage } from '../execution-result.ts'
import type { FileBounds } from '../file-bounds.ts'
import { isSafePath } from '../file-path.ts'
import { isEmptyBlock, readTarHead, TAR_BLOCK_BYTES, type TarHead } from './tar-archive.ts'

/** Why the files that came back were refused. */
export type FileRefusal = 'too-large' | 'too-many' | 'unsafe' | 'malformed'

/** The entry that is being read. */
interface OpenEntry {
  readonly head: TarHead
  leftBytes: number
  paddingBytes: number
}

const MAX_STATUS_BYTES = 48
/** Exit code or signal, milliseconds of processor, KiB of memory; the last two, or the last, where the shim knows them. */
const STATUS = /^(-\d{1,2}|\d{1,3})(?: (\d{1,10}))?(?: (\d{1,12}))?$/
const FOLDER = 'out/'

/**
 * Reads what a shim sends after the mark: a line with the status, then a tar archive of `out/`. All of it is the guest's
 * word: links, devices, unsafe paths and whatever passes the bounds refuse all files.
 */
export class EndFrame {
  readonly #limits: FileBounds
  readonly #files: SandboxFile[] = []
  readonly #paths = new Set<string>()
  #pending: Buffer = Buffer.alloc(0)
  #parts: Buffer[] = []
  #open: OpenEntry | undefined
  #totalBytes = 0
  #status: number | undefined
  #usage: GuestUsage | undefined
  #refusal: FileRefusal | undefined
  #isComplete = false

  constructor(limits: FileBounds) {
    this.#limits = limits
  }

  /** The exit code, or a signal's number below zero; undefined before it came. */
  get status(): number | undefined {
    return this.#status
  }

  /** What the program has used, by the shim's word; undefined where it did not say. */
  get usage(): GuestUsage | undefined {
    return this.#usage
  }

  /** Whether nothing more is to come. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Why there are no files; undefined where there are. */
  get refusal(): FileRefusal | undefined {
    return this.#refusal
  }

  /** The files, their paths without `out/`; none after a refusal. */
  get files(): readonly SandboxFile[] {
    return this.#refusal === undefined ? this.#files : []
  }

  /** Takes the next bytes. */
  push(data: Buffer): void {
    let rest = data
    while (rest.length > 0 && !this.#isComplete) {
      if (this.#status === undefined) rest = this.#readStatus(rest)
      else if (this.#open !== undefined) rest = this.#readBody(rest, this.#open)
      else rest = this.#readBlock(rest)
    }
  }

  #readStatus(data: Buffer): Buffer {
    this.#pending = Buffer.concat([this.#pending, data.subarray(0, MAX_STATUS_BYTES)])
    const end = this.#pending.indexOf('\n')
    if (end === -1) {
      if (this.#pending.length > MAX_STATUS_BYTES) this.#end('malformed')
      return data.subarray(MAX_STATUS_BYTES)
    }
    const said = STATUS.exec(this.#pending.subarray(0, end).toString().trim())
    if (said === null) this.#end('malformed')
    else this.#say(said)
    const used = end + 1 - (this.#pending.length - Math.min(data.length, MAX_STATUS_BYTES))
    this.#pending = Buffer.alloc(0)
    return data.subarray(used)
  }

  #say([, status, cpuMs, memoryKib]: RegExpExecArray): void {
    this.#status = Number(status)
    if (cpuMs === undefined) return
    const memory = memoryKib === undefined ? {} : { maxMemoryBytes: Number(memoryKib) * 1024 }
    this.#usage = { cpuMs: Number(cpuMs), ...memory, isMeasuredByHost: false }
  }

  #readBlock(data: Buffer): Buffer {
    const missing = TAR_BLOCK_BYTES - this.#pending.length
    const block = Buffer.concat([this.#pending, data.subarray(0, missing)])
    this.#pending = block
    if (block.length < TAR_BLOCK_BYTES) return data.subarray(missing)
    this.#pending = Buffer.alloc(0)
    if (isEmptyBlock(block)) this.#end()
    else this.#begin(readTarHead(block))
    return data.subarray(missing)
  }

  #begin(head: TarHead | undefined): void {
    if (head?.isFolder) return
    const refusal = this.#refusalOf(head)
    if (head === undefined || refusal !== undefined) {
      this.#end(refusal)
      return
    }
    const paddingBytes = (TAR_BLOCK_BYTES - (head.sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES
    this.#open = { head, leftBytes: head.sizeBytes, paddingBytes }
    if (head.sizeBytes === 0) this.#finish(head)
  }

  #refusalOf(head: TarHead | undefined): FileRefusal | undefined {
    if (head === undefined) return 'malformed'
    const path = head.name.slice(FOLDER.length)
    const isOurs = head.isFile && head.name.startsWith(FOLDER) && isSafePath(path)
    if (!isOurs || this.#paths.has(path.toLowerCase())) return 'unsafe'
    this.#paths.add(path.toLowerCase())
    this.#totalBytes += head.sizeBytes
    if (this.#paths.size > this.#limits.maxFiles) return 'too-many'
    return this.#totalBytes > this.#limits.filesLimitBytes ? 'too-large' : undefined
  }

  #readBody(data: Buffer, open: OpenEntry): Buffer {
    if (open.leftBytes > 0) {
      const body = data.subarray(0, open.leftBytes)
      this.#parts.push(Buffer.from(body))
      open.leftBytes -= body.length
      if (open.leftBytes === 0 && open.paddingBytes === 0) this.#finish(open.head)
      return data.subarray(body.length)
    }
    const padding = data.subarray(0, open.paddingBytes)
    open.paddingBytes -= padding.length
    if (open.paddingBytes === 0) this.#finish(open.head)
    return data.subarray(padding.length)
  }

  #finish(head: TarHead): void {
    this.#files.push({ path: head.name.slice(FOLDER.length), content: Buffer.concat(this.#parts) })
    this.#parts = []
    this.#open = undefined
  }

  #end(refusal?: FileRefusal): void {
    this.#refusal = refusal
    this.#isComplete = true
  }
}
