/**
 * Proves what learning from failures promises: planted patterns are found in generated histories and little else, noise
 * is rarely taken for a pattern and a harmless change rarely for a harmful one, the counts of the database teach what the
 * pure function teaches, and a supervisor that is killed anywhere leaves nothing undone and nothing done twice.
 * Usage: node --conditions=golden-arch-source tools/prove/governance-patterns.ts [generated histories, default 40]
 */
import { spawnSync } from 'node:child_process'
import { detectPatterns, leastSuccesses } from '../../packages/governance/src/patterns/detect-patterns.ts'
import { resolveDetectionOptions } from '../../packages/governance/src/patterns/detection-options.ts'
import {
  judgeEffect,
  lastLook,
  resolveEffectOptions,
} from '../../packages/governance/src/patterns/judge-effect.ts'
import {
  generatedHistory,
  gradeOf,
  seededRandom,
} from '../../packages/governance/src/patterns/testing/generated-history.ts'

const histories = Number(process.argv[2] ?? 40)
if (!Number.isSafeInteger(histories) || histories < 1) throw new RangeError('give a number of histories')
const failures: string[] = []

function promise(sentence: string, holds: boolean): void {
  console.log(`${holds ? 'holds' : 'FAILS'}: ${sentence}`)
  if (!holds) failures.push(sentence)
}

function findPlanted(): void {
  let suggested = 0
  let wrong = 0
  let expected = 0
  const recalls: number[] = []
  for (let seed = 1; seed <= histories; seed++) {
    const { failures: history, planted } = generatedHistory(seed)
    const { suggestions, expectedByChance } = detectPatterns(history)
    const grade = gradeOf(suggestions, planted)
    suggested += suggestions.length
    wrong += grade.wrong
    expected += expectedByChance
    recalls.push(grade.recall)
  }
  const precision = 1 - wrong / suggested
  const recall = recalls.reduce((sum, one) => sum + one, 0) / histories
  console.log(
    `${histories} histories of 10,000 failures with 40 planted patterns: precision ${precision.toFixed(4)} ` +
      `(${wrong} of ${suggested} wrong), recall ${recall.toFixed(3)}, the least ${Math.min(...recalls).toFixed(3)}; ` +
      `expectedByChance ${(expected / histories).toFixed(1)} for each, the bound were every candidate at 80 %`,
  )
  promise('of the suggestions at least 95 % are right', precision >= 0.95)
  promise('of the planted patterns at least 80 % are found', recall >= 0.8)
}

function mistakeNoise(): void {
  const options = resolveDetectionOptions()
  const random = seededRandom(7)
  const trials = 5000
  const most = 200
  for (const chance of [0.5, 0.6, 0.7, 0.8]) {
    const looks = new Map([20, 50, 100, 200].map((look) => [look, 0]))
    let ever = 0
    for (let trial = 0; trial < trials; trial++) {
      let successes = 0
      let hasPassed = false
      for (let tasks = 1; tasks <= most; tasks++) {
        if (random() < chance) successes++
        const passes = tasks >= options.minTasks && successes >= leastOf(tasks)
        if (passes) hasPassed = true
        if (passes && looks.has(tasks)) looks.set(tasks, (looks.get(tasks) ?? 0) + 1)
      }
      if (hasPassed) ever++
    }
    const shares = [...looks].map(([look, passed]) => `${((100 * passed) / trials).toFixed(2)} % at ${look}`)
    console.log(
      `a fix that helps in ${chance * 100} %: suggested ${shares.join(', ')} tasks; ` +
        `looked at after every one of ${most} tasks, ${((100 * ever) / trials).toFixed(2)} % at least once`,
    )
    if (chance === 0.8) {
      const highest = Math.max(...looks.values()) / trials
      promise('a fix exactly at the bound passes a look in less than 5 % of all cases', highest < 0.05)
      promise('and any of 200 looks in less than 25 %', ever / trials < 0.25)
    }
    if (chance <= 0.7)
      promise(`one at ${chance * 100} % passes any of 200 looks in less than 3 %`, ever / trials < 0.03)
  }
}

const least = new Map<number, number>()

function leastOf(tasks: number): number {
  const known = least.get(tasks) ?? leastSuccesses(tasks, resolveDetectionOptions())
  least.set(tasks, known)
  return known
}

function mistakeHarm(): void {
  const options = resolveEffectOptions()
  const random = seededRandom(11)
  const trials = 2000
  const draw = (count: number, chance: number): boolean[] =>
    Array.from({ length: count }, () => random() < chance)
  for (const [was, is] of [
    [0.2, 0.2],
    [0.5, 0.5],
    [0.2, 0.1],
    [0.2, 0.3],
    [0.2, 0.5],
  ] as const) {
    let harmful = 0
    let found = 0
    for (let trial = 0; trial < trials; trial++) {
      const before = { tasks: 100, failed: draw(100, was).filter(Boolean).length }
      const after = draw(lastLook(options), is)
      for (let look = options.minTasks; look <= after.length; look *= 2) {
        if (judgeEffect(before, after.slice(0, look), options).kind !== 'harmful') continue
        harmful++
        found += look
        break
      }
    }
    const share = harmful / trials
    const when = harmful === 0 ? '' : `, after ${Math.round(found / harmful)} tasks on average`
    console.log(
      `failures in ${was * 100} % of 100 tasks before, in ${is * 100} % after: rolled back in ${(100 * share).toFixed(2)} %${when}`,
    )
    if (is <= was) promise('what does no harm is rolled back in less than 5 %', share < 0.05)
    if (is === 0.5 && was === 0.2)
      promise('what fails in half of all tasks, not a fifth, is rolled back in 95 %', share > 0.95)
  }
}

/** A pattern is suggested when luck was with it: what was seen before it was applied flatters it. */
function mistakeLuck(): void {
  const options = resolveEffectOptions()
  const random = seededRandom(13)
  const trials = 2000
  for (const helps of [0.85, 0.9, 0.95]) {
    let applied = 0
    let harmful = 0
    for (let trial = 0; trial < trials; trial++) {
      let tasks = 0
      let failed = 0
      do {
        tasks++
        if (random() >= helps) failed++
      } while (tasks < 400 && tasks - failed < leastOf(tasks))
      if (tasks === 400) continue
      applied++
      const after = Array.from({ length: lastLook(options) }, () => random() >= helps)
      const looks = Array.from({ length: options.maxLooks }, (_, index) => options.minTasks * 2 ** index)
      const isHarmful = (look: number): boolean =>
        judgeEffect({ tasks, failed }, after.slice(0, look), options).kind === 'harmful'
      if (looks.some(isHarmful)) harmful++
    }
    const share = harmful / applied
    console.log(
      `a fix that helps in ${helps * 100} %, suggested as soon as it may be and no worse after: ` +
        `rolled back in ${(100 * share).toFixed(2)} %`,
    )
    promise('what was suggested by luck and does no harm is rolled back in less than 10 %', share < 0.1)
  }
}

function runTests(sentence: string, files: readonly string[], title: string, env: NodeJS.ProcessEnv): void {
  const paths = files.map((file) => `packages/governance/src/patterns/${file}`)
  const run = spawnSync('npx', ['vitest', 'run', ...paths, '-t', title, '--testTimeout=3600000'], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  promise(sentence, run.status === 0)
}

findPlanted()
mistakeNoise()
mistakeHarm()
mistakeLuck()
runTests(
  '300 random histories on each of two databases teach what the pure function teaches',
  ['failure-history.pglite.test.ts', 'failure-history.int.test.ts'],
  'suggests what the pure function suggests',
  { PATTERN_HISTORIES: '300' },
)
runTests(
  'killed with SIGKILL at each of its steps, nothing is left undone and nothing is done twice',
  ['pattern-supervisor-kills.int.test.ts'],
  'nothing is done twice',
  { PATTERN_KILLS: 'everywhere' },
)
if (failures.length > 0) process.exitCode = 1
