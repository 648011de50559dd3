import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { freeze } from './random-faults.ts'

const stateOf = (pid: number | undefined): string =>
  /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''

describe.runIf(process.platform === 'linux')('freeze', () => {
  it('stops a process, and lets it go on', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
    try {
      await once(child, 'spawn')
      await freeze(child.pid, () => expect.poll(() => stateOf(child.pid)).toBe('T'))
      await expect.poll(() => stateOf(child.pid)).toBe('S')
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })

  it('does not mind a process that ends meanwhile, or has ended', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
    await once(child, 'spawn')
    await freeze(child.pid, async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    await expect(freeze(child.pid, async () => undefined)).resolves.toBeUndefined()
  })
})
