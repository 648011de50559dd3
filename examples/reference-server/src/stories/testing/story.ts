import type { OutgoingMessage } from '@golden-arch/messaging'
import type { Fault } from '../../scripted-model/fault-plan.ts'
import type { RecordedResponse } from '../../scripted-model/recording.ts'
import type { ScriptedModel } from '../../scripted-model/scripted-model-server.ts'
import type { Answer } from '../../testing/assembled-server.ts'

/** A person at the API. */
export interface Person {
  /** As whom the API knows the person. */
  readonly name: string
  readonly get: (path: string) => Promise<Answer>
  readonly post: (path: string, body?: unknown) => Promise<Answer>
  readonly put: (path: string, body: unknown) => Promise<Answer>
  /** Reads the events of a task as they come, until there is one of this type. */
  readonly hear: (taskId: string, type: string) => Promise<void>
}

/** A running server, and who stands around it. */
export interface Stage {
  /** Administrators both: what one proposes the other approves. */
  readonly ada: Person
  readonly olga: Person
  /** The model that is asked first, which has most of the faults. */
  readonly model: ScriptedModel
  /** The model that stands in for it. */
  readonly reserve: ScriptedModel
  /** Puts a message into a stream, as someone would who does not know how they are written. */
  readonly publish: (message: OutgoingMessage) => Promise<unknown>
}

/** What a model says to a call. `call` is the first that gets it; later ones get it too. */
export interface ModelLine {
  readonly task: string
  readonly step: string
  readonly attempt: number
  readonly call: number
  readonly response: RecordedResponse
}

/** Something that happens to people who use the server, told over HTTP. */
export interface Story {
  readonly title: string
  readonly lines: readonly ModelLine[]
  /** What the first model does wrong, by task. Default nothing. */
  readonly faults?: Readonly<Record<string, Fault>>
  /** What the other one does wrong, by task. Default nothing. */
  readonly reserveFaults?: Readonly<Record<string, Fault>>
  tell(stage: Stage): Promise<void>
}
