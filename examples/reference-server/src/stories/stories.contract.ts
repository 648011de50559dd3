import { afterAll, beforeAll, describe, it } from 'vitest'
import { cancelledCall } from './cancelled-call.story.ts'
import { cancelledProgram } from './cancelled-program.story.ts'
import { exhaustedBudget } from './exhausted-budget.story.ts'
import { fixedGuard } from './fixed-guard.story.ts'
import { happyPath } from './happy-path.story.ts'
import { openBreaker } from './open-breaker.story.ts'
import { poisonMessage } from './poison-message.story.ts'
import { promptUpdate } from './prompt-update.story.ts'
import type { Stage, Story } from './testing/story.ts'
import { type StoryModels, startStoryModels } from './testing/story-models.ts'
import { SLOW_MS } from './testing/until.ts'
import { veto } from './veto.story.ts'

/** A server that stories are told on, and its end. */
export interface OpenedServer extends Omit<Stage, 'model' | 'reserve'> {
  stop(): Promise<void>
}

const STORIES: readonly Story[] = [
  happyPath,
  fixedGuard,
  exhaustedBudget,
  openBreaker,
  poisonMessage,
  veto,
  promptUpdate,
  cancelledCall,
  cancelledProgram,
]

/** What people live through with a server that asks the models of `environment`. Registers its tests. */
export function storiesContract(
  title: string,
  open: (environment: StoryModels['environment']) => Promise<OpenedServer>,
): void {
  describe(title, () => {
    let models: StoryModels
    let server: OpenedServer

    beforeAll(async () => {
      models = await startStoryModels(STORIES)
      server = await open(models.environment)
    }, 2 * SLOW_MS)
    afterAll(async () => {
      await server?.stop()
      await models?.stop()
    }, SLOW_MS)

    it.each(STORIES.map((story) => [story.title, story] as const))(
      '%s',
      { timeout: 4 * SLOW_MS },
      (_title, story) => story.tell({ ...server, model: models.model, reserve: models.reserve }),
    )
  })
}
