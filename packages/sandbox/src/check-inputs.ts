import type { ExecutionRequest, SandboxInputFile } from './execution-request.ts'
import { FILE_PATH_RULE, isSafePath } from './file-path.ts'
import type { AcceptedInputs } from './ports/sandbox-backend.ts'
import { SandboxError } from './sandbox-error.ts'

const MAX_FILES = 256
const MAX_INPUT_BYTES = 10 * 1_048_576
const MAX_ARGUMENTS = 64
const MAX_TEXT_BYTES = 4096
const NOTHING: AcceptedInputs = { files: false, stdin: false, argv: false, environmentNames: [] }

/**
 * Checks what goes in besides the code: that the backend takes it, and its sizes, counts, names and paths.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID` for the first that breaks its rule.
 */
export function checkInputs(
  request: Pick<ExecutionRequest, 'files' | 'stdin' | 'argv' | 'env'>,
  accepted: AcceptedInputs = NOTHING,
): void {
  const { files, stdin, argv, env } = request
  if (files !== undefined) checkFiles(files, accepted.files)
  if (stdin !== undefined) checkStdin(stdin, accepted.stdin)
  if (argv !== undefined) checkArguments(argv, accepted.argv)
  if (env !== undefined) checkEnvironment(env, accepted.environmentNames)
}

function refuseUnless(isAccepted: boolean, field: string): void {
  if (!isAccepted) throw SandboxError.requestInvalid(field, 'left out: the backend does not take it')
}

function checkFiles(files: readonly SandboxInputFile[], isAccepted: boolean): void {
  refuseUnless(isAccepted, 'files')
  if (!Array.isArray(files) || files.length > MAX_FILES) {
    throw SandboxError.requestInvalid('files', `a list of at most ${MAX_FILES}`)
  }
  const seen = new Set<string>()
  let bytes = 0
  for (const [index, file] of files.entries()) {
    if (!isSafePath(file?.path)) throw SandboxError.requestInvalid(`files[${index}].path`, FILE_PATH_RULE)
    if (!isContent(file.content)) {
      throw SandboxError.requestInvalid(`files[${index}].content`, 'well-formed text or bytes')
    }
    // Two paths that one file system holds apart and another does not.
    const folded = file.path.toLowerCase()
    if (seen.has(folded)) throw SandboxError.requestInvalid(`files[${index}].path`, 'unlike every other path')
    seen.add(folded)
    bytes += Buffer.byteLength(file.content)
  }
  for (const path of seen) {
    if ([...seen].some((other) => other.startsWith(`${path}/`))) {
      throw SandboxError.requestInvalid('files', 'files only: a path is also the folder of another')
    }
  }
  if (bytes > MAX_INPUT_BYTES)
    throw SandboxError.requestInvalid('files', `at most ${MAX_INPUT_BYTES} bytes in all`)
}

function checkStdin(stdin: string | Uint8Array, isAccepted: boolean): void {
  refuseUnless(isAccepted, 'stdin')
  if (!isContent(stdin) || Buffer.byteLength(stdin) > MAX_INPUT_BYTES) {
    throw SandboxError.requestInvalid('stdin', `well-formed text or bytes, at most ${MAX_INPUT_BYTES}`)
  }
}

function checkArguments(argv: readonly string[], isAccepted: boolean): void {
  refuseUnless(isAccepted, 'argv')
  if (!Array.isArray(argv) || argv.length > MAX_ARGUMENTS || !argv.every(isShortText)) {
    throw SandboxError.requestInvalid(
      'argv',
      `at most ${MAX_ARGUMENTS} well-formed texts without NUL of at most ${MAX_TEXT_BYTES} bytes`,
    )
  }
}

function checkEnvironment(env: Readonly<Record<string, string>>, names: readonly string[]): void {
  if (typeof env !== 'object' || env === null) throw SandboxError.requestInvalid('env', 'an object of texts')
  for (const [name, value] of Object.entries(env)) {
    if (!names.includes(name)) {
      const allowed =
        names.length === 0 ? 'empty: the backend allows no variable' : `of the names ${names.join(', ')}`
      throw SandboxError.requestInvalid('env', allowed)
    }
    if (!isShortText(value)) {
      throw SandboxError.requestInvalid(
        `env.${name}`,
        `well-formed text without NUL of at most ${MAX_TEXT_BYTES} bytes`,
      )
    }
  }
}

function isContent(value: unknown): boolean {
  return typeof value === 'string' ? value.isWellFormed() : value instanceof Uint8Array
}

function isShortText(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.isWellFormed() &&
    !value.includes('\0') &&
    Buffer.byteLength(value) <= MAX_TEXT_BYTES
  )
}
