import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that is going to be killed. */
export interface StartedChild {
  /** The next thing that it tells; rejects if it ends instead. */
  told(): Promise<string>
  tell(message: string): void
  /** Ends it at once, as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts a file in Node. */
export function startChild(file: URL, ...args: readonly string[]): StartedChild {
  const child = fork(fileURLToPath(file), args, {
    execArgv: ['--conditions=golden-arch-source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaints = ''
  child.stderr?.on('data', (data) => {
    complaints += String(data)
  })
  const waiting: string[] = []
  let wake = (): void => {}
  child.on('message', (message) => {
    waiting.push(String(message))
    wake()
  })
  const exited = once(child, 'exit')
  return {
    told: () =>
      nextOf(
        child,
        waiting,
        exited,
        (next) => (wake = next),
        file,
        () => complaints,
      ),
    tell: (message) => void child.send(message),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function nextOf(
  child: ChildProcess,
  waiting: string[],
  exited: Promise<unknown>,
  onNext: (wake: () => void) => void,
  file: URL,
  complaints: () => string,
): Promise<string> {
  while (waiting.length === 0) {
    if (child.exitCode !== null) throw new Error(`${file.pathname} ended: ${complaints()}`)
    await Promise.race([new Promise<void>((resolve) => onNext(resolve)), exited])
  }
  return waiting.shift() ?? ''
}
