import { setTimeout as delay } from 'node:timers/promises'
import { SERVER_ROLES, type ServerRole } from '../../server-role.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { ChaosClient } from './chaos-client.ts'
import { type ChaosServices, restartAfter, startChaosServices } from './chaos-services.ts'
import { demoTasks } from './demo-tasks.ts'
import { endRun } from './end-run.ts'
import { FLEET_PASSWORD, fleetOf } from './fleet-of.ts'
import { SeededChoice } from './seeded-choice.ts'
import type { ServerFleet } from './server-fleet.ts'

/** What is done to a system while it works. */
export interface ChaosPlan {
  /** Chooses who is killed, when, and in which order the tasks come. */
  readonly seed: number
  /** Of the tasks of the demo, those with these ids. Default all. */
  readonly taskIds?: readonly string[]
  /** Processes of the server that are killed; each six of them are the six roles in another order. */
  readonly kills: number
  /** Milliseconds between two kills, at least and at most. */
  readonly pauseMs: readonly [number, number]
  /** Hears what happens. */
  readonly say: (line: string) => void
  /** Ends a run that does not come to its end. */
  readonly signal: AbortSignal
}

/** What a run came to. */
export interface ChaosReport {
  readonly figures: Readonly<Record<string, string | number>>
  /** What is wrong, one sentence each. Empty: all is as after a calm run. */
  readonly problems: readonly string[]
}

/** Half of the calls take so long that kills meet some of them on their way. */
export const MODEL_ARGUMENTS: readonly string[] = ['--faults', 'slow=0.5', '--slow-ms', '1500']
const DOWN_MS = [300, 3000] as const

/** Has the server, each role a process, work on tasks while its processes and what they work with are killed; then looks. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosReport> {
  const services = await startChaosServices([...MODEL_ARGUMENTS, '--seed', String(plan.seed)])
  const fleet = fleetOf(services)
  try {
    await fleet.start()
    plan.say('six processes run')
    const { tasks, repeats } = await disturb(plan, services, fleet)
    plan.say('nobody is killed any more')
    const { figures, problems } = await endRun(services, [fleet], { tasks, signal: plan.signal })
    return {
      figures: {
        'tasks posted': tasks.length,
        'posts repeated': repeats,
        'processes killed': [...fleet.kills].map(([role, count]) => `${role} ${count}`).join(', '),
        'servers killed and restarted': services.servers.map(({ name }) => name).join(', '),
        ...figures,
      },
      problems,
    }
  } finally {
    await fleet.destroy()
    await services.stop()
  }
}

/** Posts the tasks bit by bit, so that some are new and others nearly done whenever somebody dies. */
async function disturb(
  plan: ChaosPlan,
  services: ChaosServices,
  fleet: ServerFleet,
): Promise<{ tasks: readonly CodingTask[]; repeats: number }> {
  const { kills, pauseMs, say, signal } = plan
  const choice = new SeededChoice(plan.seed)
  const client = new ChaosClient(fleet, FLEET_PASSWORD)
  const tasks = choice.shuffled(demoTasks(plan.taskIds))
  const victims = victimsOf(choice, kills)
  const outages = new Map(
    services.servers.map((server, index) => [
      Math.floor(((index + 1) * kills) / (services.servers.length + 1)),
      { server, downMs: choice.between(...DOWN_MS) },
    ]),
  )
  const failing = new AbortController()
  const beside: Promise<void>[] = []
  const start = (work: Promise<void>): void => {
    beside.push(work)
    work.catch((error: unknown) => failing.abort(error))
  }
  const ending = AbortSignal.any([signal, failing.signal])
  let posted = 0
  for (const [turn, role] of victims.entries()) {
    ending.throwIfAborted()
    // The last tasks come when a quarter of the kills is still ahead.
    const due = Math.min(tasks.length, Math.ceil((tasks.length * (turn + 1)) / (0.75 * kills)))
    for (const task of tasks.slice(posted, due)) {
      start(client.post(task, ending))
      start(client.exhaust(`spent by ${task.id}`, ending))
    }
    posted = due
    await delay(choice.between(...pauseMs))
    const outage = outages.get(turn)
    if (outage !== undefined) {
      say(`${outage.server.name} is killed, for ${outage.downMs} ms`)
      start(restartAfter(outage.server, outage.downMs))
    }
    say(`${role} is killed`)
    await fleet.kill(role)
  }
  await Promise.all(beside)
  return { tasks, repeats: client.repeats }
}

function victimsOf(choice: SeededChoice, count: number): readonly ServerRole[] {
  const victims: ServerRole[] = []
  while (victims.length < count) victims.push(...choice.shuffled(SERVER_ROLES))
  return victims.slice(0, count)
}
