import { solution } from './model-lines.ts'

/** A task that asks for a function which adds two numbers. */
export function addingTask(id: string): Readonly<Record<string, unknown>> {
  return {
    id,
    title: `Add two numbers for ${id}`,
    description: 'Return the sum of two numbers.',
    signature: 'function add(a: number, b: number): number',
    entryPoint: 'add',
    tests: [
      { name: 'sums', run: 'return add(1, 2)', equals: 3 },
      { name: 'sums what is below zero', run: 'return add(-1, -2)', equals: -3 },
    ],
  }
}

/** What adds. */
export const RIGHT: object = solution('function add(a, b) { return a + b }')
/** What does not: its tests find that. */
export const WRONG: object = solution('function add(a, b) { return a - b }')
