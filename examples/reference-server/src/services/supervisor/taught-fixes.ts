import type { RegisteredFix } from '@golden-arch/governance/patterns'

/** What an agent may be taught once it is certain that a fix helped: the fixes of coding tasks, in words of ours alone. */
export const TAUGHT_FIXES: readonly RegisteredFix[] = Object.freeze([
  {
    fixId: 'plan-again',
    instruction: 'List every part of the task once in the plan, and no part before those that it needs.',
  },
  {
    fixId: 'answer-again',
    instruction: 'Answer with one JSON object of the form that was asked for, and with nothing around it.',
  },
  {
    fixId: 'mend-what-tests-found',
    instruction:
      'Before you answer, go through the cases at the edges: nothing, one, many, and what is malformed.',
  },
  {
    fixId: 'mend-what-reviewers-found',
    instruction:
      'Write what a reviewer could read at once: plain names, no cleverness, each rule of the task kept.',
  },
])
