import { resolve } from 'node:path'
import { randomName } from '../isolation/random-name.ts'
import { floorText, isAcceptable } from '../programs/program-version.ts'
import { freePort } from '../server/free-port.ts'
import { runCommand } from '../server/run-command.ts'
import { waitUntil } from '../server/wait-until.ts'
import { startWatchdog } from '../server/watchdog.ts'
import type { StartedService } from '../service.ts'
import type { StartPlan } from '../start-plan.ts'
import { findComposeEngine } from './compose-engine.ts'

const COMPOSE_FILE = resolve(import.meta.dirname, '../../../../compose.yaml')
/** An image may have to be pulled first. */
const UP_LIMIT_MS = 240_000
const COMMAND_LIMIT_MS = 60_000
const READY_LIMIT_MS = 30_000

/** Starts one service of compose.yaml as a Compose project of its own, so that no other container is touched. */
export async function startComposeService(plan: StartPlan): Promise<StartedService> {
  const { command } = await findComposeEngine()
  const project = randomName('golden-arch-test')
  const port = await freePort()
  const environment = {
    ...plan.composeVariables,
    COMPOSE_PROFILES: 'services',
    SERVICE_PORT: String(port),
    SERVICE_PASSWORD: plan.password,
  }
  const [docker, ...prefix] = [...command, '--project-name', project, '--file', COMPOSE_FILE]
  const compose = (args: readonly string[], timeLimitMs = COMMAND_LIMIT_MS): Promise<string> =>
    runCommand(docker ?? 'docker', [...prefix, ...args], { timeLimitMs, env: environment })
  const address = plan.address(port)
  const ready = (): Promise<string> =>
    waitUntil(() => plan.askVersion(address), READY_LIMIT_MS, new AbortController().signal)
  const watchdog = startWatchdog('docker compose --project-name "$1" down --volumes --timeout 5', [project])
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await watchdog.release()
  }
  try {
    await compose(['up', '--detach', plan.name], UP_LIMIT_MS)
    const version = await ready()
    if (!isAcceptable(plan.name, version, plan.major)) {
      throw new Error(`version ${version}; wanted: ${plan.major ?? `at least ${floorText(plan.name)}`}`)
    }
    return {
      name: plan.name,
      address,
      version,
      how: 'compose',
      stop,
      async kill() {
        await compose(['kill', '--signal', 'SIGKILL', plan.name])
      },
      async restart() {
        await compose(['stop', '--timeout', '10', plan.name])
        await compose(['start', plan.name])
        await ready()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
