import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BillView } from '../../scripted-model/bill.ts'

/** The scripted model as a process of its own. */
export interface ScriptedModelProcess {
  readonly baseUrl: string
  readonly apiKey: string
  readonly pid: number
  /** What was charged so far, call by call. */
  bill(): Promise<BillView>
  stop(): Promise<void>
}

const MAIN = join(import.meta.dirname, '..', '..', 'scripted-model', 'main.ts')

/** Starts the scripted model with these options. Throws what it said where it does not start. */
export async function startScriptedModelProcess(...args: readonly string[]): Promise<ScriptedModelProcess> {
  const child = spawn(process.execPath, ['--conditions=golden-arch-source', MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const { base_url: baseUrl, api_key: apiKey, pid } = await readyLine(child)
  return {
    baseUrl,
    apiKey,
    pid,
    bill: async () => {
      const headers = { authorization: `Bearer ${apiKey}` }
      const response = await fetch(new URL('/_scripted/bill', baseUrl), { headers })
      // The process is of this very source.
      return (await response.json()) as BillView
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function readyLine(child: ChildProcess): Promise<{ base_url: string; api_key: string; pid: number }> {
  if (child.stdout === null) throw new Error('the scripted model has no output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
  throw new Error('the scripted model ended before it was ready')
}
