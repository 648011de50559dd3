import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { type Fault, FaultPlan } from '../../scripted-model/fault-plan.ts'
import { Recording } from '../../scripted-model/recording.ts'
import { type ScriptedModel, startScriptedModel } from '../../scripted-model/scripted-model-server.ts'
import type { Story } from './story.ts'

/** The two models of the stories, and what a server is told of them. */
export interface StoryModels {
  readonly model: ScriptedModel
  readonly reserve: ScriptedModel
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts models that say what stands in the stories, and do wrong what stands there. */
export async function startStoryModels(stories: readonly Story[]): Promise<StoryModels> {
  const folder = await temporaryFolder('stories')
  const lines = stories.flatMap((story) => story.lines.map((line) => JSON.stringify(line)))
  writeFileSync(join(folder.path, 'answers-stories.jsonl'), lines.join('\n'))
  const recording = Recording.read(folder.path)
  await folder.remove()
  const model = await startScriptedModel(recording, {
    faults: new TaskFaults(stories.map(({ faults = {} }) => faults)),
  })
  const reserve = await startScriptedModel(recording, {
    faults: new TaskFaults(stories.map(({ reserveFaults = {} }) => reserveFaults)),
  })
  return {
    model,
    reserve,
    environment: {
      MODEL_BASE_URL: model.baseUrl,
      MODEL_API_KEY: model.apiKey,
      MODEL_NAME: 'first',
      MODEL_FALLBACKS: `${reserve.baseUrl}|reserve`,
      MODEL_FALLBACK_API_KEYS: reserve.apiKey,
      // No call ends because it took long.
      MODEL_TIMEOUT_MS: '3600000',
    },
    stop: async () => {
      await model.stop()
      await reserve.stop()
    },
  }
}

/** Faults for every call of a task. */
class TaskFaults extends FaultPlan {
  readonly #faults: ReadonlyMap<string, Fault>

  constructor(faults: readonly Readonly<Record<string, Fault>>[]) {
    super({ rates: {} })
    this.#faults = new Map(faults.flatMap((some) => Object.entries(some)))
  }

  override faultOf({ name }: { readonly name: string }): Fault | undefined {
    return this.#faults.get(name.split('|')[0] ?? '')
  }
}
