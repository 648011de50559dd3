import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildConsole } from '../../../console/build-console.ts'
import { type OpenedTogether, openTogether } from '../../testing/open-together.ts'
import { breakerReset } from './stories/breaker-reset.story.ts'
import { brokenConnection } from './stories/broken-connection.story.ts'
import { budgetForecast } from './stories/budget-forecast.story.ts'
import { everyPage } from './stories/every-page.story.ts'
import { keyboard } from './stories/keyboard.story.ts'
import { liveTask } from './stories/live-task.story.ts'
import { phone } from './stories/phone.story.ts'
import { promptApproval } from './stories/prompt-approval.story.ts'
import { redrive } from './stories/redrive.story.ts'
import { roles } from './stories/roles.story.ts'
import { voteExplained } from './stories/vote-explained.story.ts'
import { startConsoleBrowser } from './testing/console-browser.ts'
import { setConsoleScene } from './testing/console-scene.ts'
import type { ConsoleStage, ConsoleStory } from './testing/console-story.ts'

const STORIES: readonly ConsoleStory[] = [
  roles,
  liveTask,
  redrive,
  voteExplained,
  budgetForecast,
  promptApproval,
  breakerReset,
  brokenConnection,
  keyboard,
  phone,
  everyPage,
]
const SLOW_MS = 1_200_000

describeWithService('chromium', 'the console in a browser, with an embedded server', (chromium) => {
  let stage: OpenedTogether<ConsoleStage>

  beforeAll(async () => {
    await buildConsole()
    stage = await openTogether(async (closeLater) => {
      const scene = await setConsoleScene(STORIES.flatMap(({ tasks = [] }) => tasks))
      closeLater(() => scene.stop())
      const browser = await startConsoleBrowser(chromium, scene.address, scene.password)
      closeLater(() => browser.stop())
      return { scene, browser }
    })
  }, SLOW_MS)
  afterAll(() => stage?.stop(), SLOW_MS)

  it.each(STORIES.map((story) => [story.title, story] as const))(
    '%s',
    { timeout: SLOW_MS },
    async (_title, story) => {
      await story.tell(stage)
      expect(stage.browser.faults).toEqual([])
    },
  )
})
