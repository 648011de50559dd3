import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'

const MODULE = JSON.stringify(new URL('stop-signals.ts', import.meta.url).href)

/** How a process ends that hears signals, runs `more`, says that it is ready, and is sent a signal. */
async function endOf(signal: 'SIGINT' | 'SIGTERM', more: string): Promise<readonly [unknown, unknown]> {
  const program = `
    const { hearStopSignals, reactToStopSignals } = await import(${MODULE})
    hearStopSignals()
    ${more}
    setInterval(() => {}, 60_000)
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill(signal)
  const [code, by] = await ended
  return [code, by]
}

describe('a process that hears signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends itself at %s, with %i, while nobody has said what else to do', async (signal, code) => {
    expect(await endOf(signal, '')).toEqual([code, null])
  })

  it('does what it was told instead', async () => {
    expect(await endOf('SIGTERM', 'reactToStopSignals(() => process.exit(7))')).toEqual([7, null])
  })

  it('may end at once all the same', async () => {
    expect(await endOf('SIGTERM', 'reactToStopSignals((endNow) => endNow())')).toEqual([143, null])
  })
})
