import type { ConsoleBrowser } from './console-browser.ts'
import type { ConsoleScene } from './console-scene.ts'
import type { SceneTask } from './scene-lines.ts'

/** Where a story of the console happens. */
export interface ConsoleStage {
  readonly scene: ConsoleScene
  readonly browser: ConsoleBrowser
}

/** What people live through with the console, told with a browser. It leaves no trap for the stories after it. */
export interface ConsoleStory {
  readonly title: string
  /** Tasks that it posts. Default none. */
  readonly tasks?: readonly SceneTask[]
  tell(stage: ConsoleStage): Promise<void>
}
