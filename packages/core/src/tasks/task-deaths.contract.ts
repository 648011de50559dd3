import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlExecutor } from '../storage/index.ts'
import type { TaskMachine } from './task-machine.ts'
import { dyingAfter } from './testing/faulty-database.ts'
import { ada, MachineSetting, orchestrator, questionOf } from './testing/machine-setting.ts'
import type { TaskDatabase } from './testing/task-databases.ts'

type Command = (machine: TaskMachine) => Promise<unknown>

/** Of each sort of command one, and how to prepare the task that it is for. */
const COMMANDS: Readonly<Record<string, (setting: MachineSetting) => Promise<Command>>> = {
  'makes a task': async (setting) => {
    const wanted = setting.newTask()
    return (machine) => machine.create({ task: wanted, actor: ada })
  },
  'starts fixes': async (setting) => {
    const task = await setting.executing({ input: { name: ' a ' } })
    return (machine) => machine.transition({ task, to: 'reviewing', actor: orchestrator })
  },
  escalates: async (setting) => {
    const task = await setting.endMending(await setting.mending())
    return (machine) => machine.transition({ task, to: 'reviewing', actor: orchestrator })
  },
  'makes children': async (setting) => {
    const task = await setting.move(await setting.create(), 'planning')
    const children = ['a', 'b'].map((part) => ({ taskId: `${task.taskId}/${part}`, title: part, input: {} }))
    return (machine) => machine.transition({ task, to: 'waiting', actor: orchestrator, children })
  },
  'fails a remediation task': async (setting) => {
    const task = await setting.remediationOf(await setting.mending())
    return (machine) => machine.transition({ task, to: 'failed', actor: orchestrator })
  },
  'ends a task with what is below it': async (setting) => {
    const task = await setting.mending()
    return (machine) => machine.transition({ task, to: 'cancelled', actor: orchestrator })
  },
  "takes a person's word on": async (setting) => {
    const task = await setting.escalated()
    return (machine) =>
      machine.settle({ task, askedAtVersion: questionOf(task), decision: 'retry', actor: ada })
  },
  "ends a task by a person's word": async (setting) => {
    const task = await setting.escalated()
    return (machine) =>
      machine.settle({ task, askedAtVersion: questionOf(task), decision: 'reject', actor: ada })
  },
}

/**
 * That a machine which dies between any two of its statements leaves no trace, on any SqlDatabase. `die` ends the
 * connection of the transaction, or does nothing where the transaction is to be rolled back. Registers its tests.
 */
export function taskDeathsContract(
  title: string,
  open: () => Promise<TaskDatabase>,
  die: (tx: SqlExecutor) => Promise<unknown> = () => Promise.resolve(),
): void {
  describe(`a machine that dies on ${title}`, () => {
    let opened: TaskDatabase

    beforeAll(async () => {
      opened = await open()
      await new MachineSetting(opened.database).prepare()
    })

    afterAll(() => opened.close())

    it.each(Object.entries(COMMANDS))(
      'at any statement as it %s leaves no trace, and is asked again',
      async (_name, prepare) => {
        const setting = new MachineSetting(opened.database, {}, randomName('tenant'))
        const command = await prepare(setting)
        const before = await setting.everything()
        let statements = 0
        for (; ; statements++) {
          let hasDied = false
          const dying = dyingAfter(opened.database, statements, (tx) => {
            hasDied = true
            return die(tx)
          })
          const failure = await command(setting.machineOn(dying)).then(
            () => undefined,
            (error: unknown) => error,
          )
          expect(failure !== undefined).toBe(hasDied)
          if (!hasDied) break
          expect(await setting.everything()).toEqual(before)
        }
        expect(statements).toBeGreaterThan(2)
        expect(await setting.everything()).not.toEqual(before)
      },
    )
  })
}
