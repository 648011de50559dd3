import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core'
import type { SandboxFile } from '../../execution-request.ts'
import { isSafePath } from '../../file-path.ts'
import { GuestMemoryError } from './checked-variant.ts'

/** What a guest finds besides its code. */
export interface GuestInputs {
  readonly files: readonly SandboxFile[]
  readonly stdin: Uint8Array
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const NUL = 0

/** What the prelude is told before the guest begins: all but contents. */
export function describeInputs({ files, stdin, argv, env }: GuestInputs): string {
  const inputs = files.map(({ path, content }) => [path, content.includes(NUL)])
  return JSON.stringify({
    inputs,
    stdin: stdin.includes(NUL),
    argv,
    env: Object.fromEntries(Object.entries(env)),
  })
}

/**
 * The functions that the prelude of files is given: nothing but contents of the request, and turning text into bytes and
 * back. None of them throws; what the guest's memory is too short for is null.
 */
export function inputFunctions(context: QuickJSContext, { files, stdin }: GuestInputs): QuickJSHandle {
  const contentAt = (index: number): Uint8Array =>
    index === -1 ? stdin : (files[index]?.content ?? new Uint8Array())
  const text = (make: () => string): QuickJSHandle => orNull(context, () => context.newString(make()))
  const bytes = (make: () => Uint8Array): QuickJSHandle =>
    orNull(context, () => context.newArrayBuffer(new Uint8Array(make()).buffer))
  const functions: Readonly<Record<string, (...args: QuickJSHandle[]) => QuickJSHandle>> = {
    isSafePath: (path) => (isSafePath(readText(context, path)) ? context.true : context.false),
    readText: (index) =>
      text(() => {
        const content = contentAt(numberOf(context, index))
        const whole = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString()
        return content.includes(NUL) ? JSON.stringify(whole) : whole
      }),
    readBytes: (index) => bytes(() => contentAt(numberOf(context, index))),
    encode: (part, isQuoted) => bytes(() => Buffer.from(readText(context, part, isQuoted))),
    decode: (part) => text(() => JSON.stringify(Buffer.from(readBytes(context, part)).toString())),
  }
  const host = context.newObject()
  for (const [name, call] of Object.entries(functions)) {
    context.setProp(host, name, context.newFunction(name, call))
  }
  return host
}

/** A text of the guest; with `isQuoted`, one that it wrote as JSON, since the border cuts a text at a NUL. */
export function readText(
  context: QuickJSContext,
  handle: QuickJSHandle | undefined,
  isQuoted?: QuickJSHandle,
): string {
  if (handle === undefined) return ''
  const raw = context.getString(handle)
  if (isQuoted === undefined || context.getNumber(isQuoted) !== 1) return raw
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

/** A copy of a buffer of the guest. */
export function readBytes(context: QuickJSContext, handle: QuickJSHandle | undefined): Uint8Array {
  if (handle === undefined) return new Uint8Array()
  const copied = context.getArrayBuffer(handle)
  try {
    return new Uint8Array(copied.value)
  } finally {
    copied.dispose()
  }
}

function numberOf(context: QuickJSContext, handle: QuickJSHandle | undefined): number {
  return handle === undefined ? Number.NaN : context.getNumber(handle)
}

function orNull(context: QuickJSContext, make: () => QuickJSHandle): QuickJSHandle {
  try {
    return make()
  } catch (error) {
    if (error instanceof GuestMemoryError) return context.null
    throw error
  }
}
