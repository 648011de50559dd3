import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { childNamed, processFigures } from './process-figures.ts'

describe.runIf(process.platform === 'linux')('processFigures', () => {
  it('counts memory and file handles of a process and of those that it started, and finds a child by its name', async () => {
    const before = processFigures(process.pid)
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
    try {
      await once(child, 'spawn')
      const held = openSync('/dev/null', 'r')
      const after = processFigures(process.pid)
      closeSync(held)
      expect(after?.handles).toBeGreaterThan((before?.handles ?? 0) + 1)
      expect(after?.memory).toBeGreaterThan(1)
      expect(childNamed('sleep')).toBe(child.pid)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    expect(processFigures(child.pid ?? 0)).toBeUndefined()
    expect(childNamed('sleep')).toBeUndefined()
  })
})
