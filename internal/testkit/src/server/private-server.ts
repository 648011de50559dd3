import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { reasonOf } from '../service-error.ts'
import { freePort } from './free-port.ts'
import { killTree } from './process-tree.ts'
import type { ServerFolder } from './server-folder.ts'
import { createServerFolder } from './server-folder.ts'
import { waitUntil } from './wait-until.ts'

const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 10_000
const PORT_TRIES = 4

/** What differs from server to server. */
export interface ServerRecipe {
  readonly name: string
  /** The program, and where its libraries are when they are not the machine's own. */
  readonly file: string
  readonly libraryPath?: string | undefined
  /** Folders of the programs that it starts itself, separated by colons. Default `/usr/bin:/bin`. */
  readonly searchPath?: string
  /** Whether it cannot run but as root. Default false. */
  readonly needsRoot?: boolean
  /** Makes the data folder ready, once. */
  prepare?(folder: ServerFolder): Promise<void>
  /** Arguments for each start. May write configuration files. */
  argumentsFor(folder: ServerFolder, port: number): readonly string[]
  /** Asks the server for its version; throws as long as it is not ready. */
  askVersion(port: number): Promise<string>
}

/** A server of our own on a private port of 127.0.0.1 and a temporary folder. */
export interface PrivateServer {
  readonly port: number
  readonly version: string
  stop(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
}

/** Starts a server and waits until it answers. Nothing is left behind when that fails. */
export async function startPrivateServer(recipe: ServerRecipe): Promise<PrivateServer> {
  const folder = createServerFolder(recipe.name)
  try {
    await recipe.prepare?.(folder)
    for (let turn = 1; ; turn++) {
      const port = await freePort()
      try {
        let running = await launch(recipe, folder, port)
        let stopped = false
        return {
          port,
          version: running.version,
          async stop() {
            if (stopped) return
            stopped = true
            await running.end('SIGINT')
            await folder.remove()
          },
          kill: () => running.end('SIGKILL'),
          async restart() {
            if (stopped) throw new Error(`${recipe.name} was stopped: its data is gone`)
            await running.end('SIGINT')
            running = await launch(recipe, folder, port)
          },
        }
      } catch (error) {
        if (turn === PORT_TRIES || !/in use/i.test(reasonOf(error))) throw error
      }
    }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

interface Running {
  readonly version: string
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<void>
}

async function launch(recipe: ServerRecipe, folder: ServerFolder, port: number): Promise<Running> {
  const log = openSync(folder.logPath, 'w')
  const child = spawn(recipe.file, recipe.argumentsFor(folder, port), {
    cwd: '/',
    env: {
      PATH: recipe.searchPath ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      ...libraryEnvironment(recipe.libraryPath),
    },
    stdio: ['ignore', log, log],
    detached: true,
    ...(recipe.needsRoot === true ? {} : folder.user),
  })
  closeSync(log)
  folder.recordProcess(child.pid)
  child.unref()
  const over = new AbortController()
  const exited = new Promise<void>((resolve) => {
    child.once('error', (cause) => over.abort(cause))
    child.once('exit', (code, signal) => {
      folder.recordProcess(undefined)
      over.abort(
        new Error(`${recipe.name} ended with ${signal ?? `exit code ${code}`}: ${logEnd(folder.logPath)}`),
      )
    })
    over.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    if (child.pid === undefined || over.signal.aborted) return
    child.ref()
    const { pid } = child
    if (signal === 'SIGKILL') killTree(pid)
    else process.kill(pid, constants.signals.SIGINT)
    const timer = setTimeout(() => killTree(pid), STOP_LIMIT_MS)
    await exited
    clearTimeout(timer)
  }
  try {
    return { version: await waitUntil(() => recipe.askVersion(port), START_LIMIT_MS, over.signal), end }
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
}

/** The variable that the dynamic linker reads, or none. */
export function libraryEnvironment(libraryPath: string | undefined): Record<string, string> {
  if (libraryPath === undefined) return {}
  return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: libraryPath }
}

function logEnd(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().slice(-300) : ''
}
