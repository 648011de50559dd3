import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGKILL')
})

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const main = join(import.meta.dirname, 'main.ts')
  child = spawn(process.execPath, ['--conditions=golden-arch-source', main, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return child
}

async function readyLine(running: ChildProcess): Promise<{ base_url: string; api_key: string; pid: number }> {
  if (running.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: running.stdout })) return JSON.parse(line)
  throw new Error('it ended before it was ready')
}

describe('the scripted model as a process', () => {
  it('says where it is, tells what it charged, and stops when it is told to', async () => {
    const running = start(['--faults', 'cut=1'], { SCRIPTED_MODEL_API_KEY: 'a-key' })
    const ready = await readyLine(running)
    expect(ready).toMatchObject({ api_key: 'a-key', pid: running.pid })
    const headers = { authorization: 'Bearer a-key' }
    const bill = await fetch(new URL('/_scripted/bill', ready.base_url), { headers })
    expect(await bill.json()).toEqual({ billed_tokens: 0, requests: 0, calls: [] })
    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it.each([
    ['--port', 'here'],
    ['--faults', 'none=1'],
    ['--recording', '/nowhere-at-all'],
  ])('does not start with a bad %s', async (...args) => {
    expect(await once(start(args), 'exit')).toEqual([1, null])
  })
})
