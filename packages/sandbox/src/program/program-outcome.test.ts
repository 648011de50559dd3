import { describe, expect, it } from 'vitest'
import { EndFrame } from './end-frame.ts'
import { programOutcome } from './program-outcome.ts'
import type { ProgramRun, RunCause } from './supervise-run.ts'
import { writeTar } from './tar-archive.ts'

function frameOf(status: string, name?: string): EndFrame {
  const frame = new EndFrame({ filesLimitBytes: 10, maxFiles: 2 })
  frame.push(Buffer.from(` ${status}\n`))
  if (name !== undefined) frame.push(writeTar([{ name, content: new Uint8Array(3) }]))
  frame.push(Buffer.alloc(512))
  return frame
}

const run = (cause: RunCause, frame: EndFrame, more: Partial<ProgramRun> = {}): ProgramRun => ({
  cause,
  stdout: 'out',
  stderr: 'err',
  truncated: { stdout: false, stderr: false },
  frame,
  ...more,
})
const NO_FRAME = new EndFrame({ filesLimitBytes: 0, maxFiles: 0 })

describe('how a program ended', () => {
  it.each<[string, ProgramRun, object]>([
    ['an end with exit code 0', run('done', frameOf('0')), { status: 'completed', exitCode: 0, files: [] }],
    [
      'another exit code',
      run('done', frameOf('3')),
      { status: 'failed', exitCode: 3, error: { name: 'ExitCode' } },
    ],
    ['the time limit', run('timed-out', NO_FRAME), { status: 'timed-out' }],
    [
      'the time of the processor',
      run('cpu-time', NO_FRAME),
      { status: 'timed-out', error: { name: 'ProcessorTime' } },
    ],
    [
      'the same as a signal',
      run('done', frameOf('-24')),
      { status: 'timed-out', error: { name: 'ProcessorTime' } },
    ],
    ['a cancellation', run('cancelled', NO_FRAME), { status: 'cancelled' }],
    [
      'too much output',
      run('output-limit', NO_FRAME),
      { status: 'output-limit', error: { name: 'OutputTooLarge' } },
    ],
    [
      'a stream that was cut in its last piece',
      run('done', frameOf('0'), { truncated: { stdout: false, stderr: true } }),
      { status: 'output-limit' },
    ],
    [
      'a crash',
      run('done', frameOf('-11')),
      { status: 'killed', signal: 'SIGSEGV', error: { name: 'Signal' } },
    ],
    ['a signal without a name', run('done', frameOf('-99')), { status: 'killed', signal: 'SIG99' }],
    [
      'a kill at the memory limit',
      run('done', frameOf('-9'), { end: { exitCode: 137, isOutOfMemory: true } }),
      { status: 'out-of-memory', error: { name: 'OutOfMemory' } },
    ],
    [
      'another signal where the limit was met by something else',
      run('done', frameOf('-11'), { end: { exitCode: 0, isOutOfMemory: true } }),
      { status: 'killed', signal: 'SIGSEGV' },
    ],
    [
      'the end of the sandbox',
      run('ended', NO_FRAME, { end: { exitCode: 2, isOutOfMemory: false } }),
      { status: 'killed', exitCode: 2, error: { name: 'SandboxEnded' } },
    ],
    [
      'the end of the sandbox at the memory limit',
      run('ended', NO_FRAME, { end: { exitCode: 137, isOutOfMemory: true } }),
      { status: 'out-of-memory' },
    ],
    [
      'an unsafe file',
      run('done', frameOf('0', 'out/../x')),
      { status: 'failed', exitCode: 0, error: { name: 'UnsafeFile' } },
    ],
    ['no frame', run('done', frameOf('x')), { status: 'failed', error: { name: 'MalformedFrame' } }],
  ])('tells %s', (_title, ended, expected) => {
    const outcome = programOutcome(ended)
    expect(outcome).toMatchObject({ stdout: 'out', stderr: 'err', ...expected })
    if (!('error' in expected) && ['completed', 'timed-out', 'cancelled'].includes(outcome.status))
      expect(outcome.error).toBeUndefined()
  })

  it('gives files and usage, and neither where they were refused', () => {
    expect(programOutcome(run('done', frameOf('0 5 7', 'out/a')))).toMatchObject({
      files: [{ path: 'a' }],
      usage: { cpuMs: 5, maxMemoryBytes: 7168, isMeasuredByHost: false },
    })
    const refused = programOutcome(run('done', frameOf('0', 'out/..')))
    expect(refused).not.toHaveProperty('files')
    expect(refused).not.toHaveProperty('usage')
  })
})
