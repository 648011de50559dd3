import { TransitionTable } from '@golden-arch/core/tasks'
import {
  childrenCompleted,
  consensusApproved,
  planValid,
  solutionPresent,
  testsPassed,
} from './coding-guards.ts'

/** The way of a coding task: plan and parts where it has any, a solution, its tests, its review. */
export const CODING_TABLE: TransitionTable = new TransitionTable([
  { from: 'pending', to: 'planning', kinds: ['root'] },
  { from: 'planning', to: 'waiting', kinds: ['root'], guards: [planValid] },
  { from: 'waiting', to: 'generating', kinds: ['root'], guards: [childrenCompleted] },
  { from: 'pending', to: 'generating' },
  { from: 'generating', to: 'testing', kinds: ['root', 'child'], guards: [solutionPresent] },
  { from: 'generating', to: 'completed', kinds: ['remediation'] },
  { from: 'testing', to: 'reviewing', kinds: ['root'], guards: [testsPassed] },
  { from: 'testing', to: 'completed', kinds: ['child'], guards: [testsPassed] },
  { from: 'reviewing', to: 'completed', kinds: ['root'], guards: [testsPassed, consensusApproved] },
  { from: 'remediating', to: 'waiting', kinds: ['root'], guards: [planValid] },
  { from: 'remediating', to: 'testing', kinds: ['root', 'child'], guards: [solutionPresent] },
])
