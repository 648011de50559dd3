import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CrashedLives, type CrashScene, openCrashScene } from './testing/crashed-lives.ts'

/** One act of each kind, killed before its commit and right after it, and around the hand-over of an alert. */
const PLACES = [
  ['raise: commit', 0],
  ['raise: commit', 1],
  ['first alert: alert', 0],
  ['first alert: alert', 1],
  ['operator: commit', 0],
  ['operator: commit', 1],
  ['acknowledge: commit', 0],
  ['acknowledge: commit', 1],
  ['reopen: commit', 0],
  ['resolve: commit', 0],
] as const

describeWithService('postgres', 'a supervisor', (address) => {
  let scene: CrashScene
  let lives: CrashedLives
  let steps: readonly string[] = []

  beforeAll(async () => {
    scene = await openCrashScene(address)
    lives = new CrashedLives(scene)
    const life = await lives.undisturbed()
    expect(life).toMatchObject({ problems: [], handedTwice: 0 })
    steps = life.steps
  })
  afterAll(() => scene.close())

  it.each(PLACES)(
    'killed before "%s" and %i steps loses nothing and does nothing twice',
    async (name, more) => {
      const place = steps.indexOf(name)
      expect(place).toBeGreaterThanOrEqual(0)
      const { problems, handedTwice } = await lives.killedBefore(place + 1 + more)
      expect(problems).toEqual([])
      // Only what was handed over and not yet known to be so is handed over again, under the same key.
      expect(handedTwice).toBe(name === 'first alert: alert' && more === 1 ? 1 : 0)
    },
  )
})
