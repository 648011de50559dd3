import { describe, expect, it } from 'vitest'
import { readDemoOptions } from './demo-options.ts'

describe('the command line of the demo', () => {
  it('may be empty', () => {
    expect(readDemoOptions([], 'data')).toEqual({
      tasksFile: undefined,
      without: undefined,
      folder: 'data',
      isFresh: false,
      concurrency: 4,
      isHelp: false,
    })
  })

  it('names a file, a folder, a stage and a number', () => {
    const args = ['my.jsonl', '--data-dir', 'here', '--fresh', '--without', 'review', '--concurrency', '8']
    expect(readDemoOptions(args, 'data')).toEqual({
      tasksFile: 'my.jsonl',
      without: 'review',
      folder: 'here',
      isFresh: true,
      concurrency: 8,
      isHelp: false,
    })
  })

  it('keeps a run without a stage apart from the others', () => {
    expect(readDemoOptions(['--without', 'budget'], 'data').folder).toBe('data-without-budget')
  })

  it.each([
    [['--without', 'luck'], 'no stage is named luck'],
    [['a.jsonl', 'b.jsonl'], 'more than one file'],
    [['--concurrency', '0'], '1 to 64'],
    [['--concurrency', 'many'], '1 to 64'],
    [['--fast'], 'fast'],
  ])('refuses %j, saying what is wrong', (args, problem) => {
    expect(() => readDemoOptions(args, 'data')).toThrow(problem)
  })
})
