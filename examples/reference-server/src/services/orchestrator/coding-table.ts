import { personSaid, TransitionTable } from '@golden-arch/core/tasks'
import {
  childrenCompleted,
  consensusApproved,
  noVeto,
  planValid,
  signaturePlain,
  solutionPresent,
  testsPassed,
  testsPresent,
} from './coding-guards.ts'

const saidRetry = personSaid('retry')

/** The way of a coding task: plan and parts where it has any, a tested solution, its review; or a person's word. */
export const CODING_TABLE: TransitionTable = new TransitionTable([
  { from: 'submitted', to: 'planning', kinds: ['root'], guards: [signaturePlain] },
  { from: 'planning', to: 'waiting', kinds: ['root'], guards: [planValid] },
  { from: 'waiting', to: 'executing', kinds: ['root'], guards: [childrenCompleted] },
  { from: 'submitted', to: 'executing', kinds: ['root', 'child'], guards: [signaturePlain] },
  { from: 'submitted', to: 'executing', kinds: ['remediation'] },
  {
    from: 'executing',
    to: 'reviewing',
    kinds: ['root'],
    guards: [solutionPresent, testsPresent, testsPassed],
  },
  {
    from: 'executing',
    to: 'completed',
    kinds: ['child'],
    guards: [solutionPresent, testsPresent, testsPassed],
  },
  { from: 'executing', to: 'completed', kinds: ['remediation'] },
  {
    from: 'reviewing',
    to: 'completed',
    kinds: ['root'],
    guards: [solutionPresent, testsPassed, noVeto, consensusApproved],
  },
  { from: 'escalated', to: 'submitted', kinds: ['root', 'child'], guards: [saidRetry] },
  { from: 'escalated', to: 'planning', kinds: ['root'], guards: [saidRetry] },
  { from: 'escalated', to: 'waiting', kinds: ['root'], guards: [saidRetry] },
  { from: 'escalated', to: 'executing', kinds: ['root', 'child'], guards: [saidRetry] },
  { from: 'escalated', to: 'reviewing', kinds: ['root'], guards: [saidRetry] },
  {
    from: 'escalated',
    to: 'completed',
    kinds: ['root', 'child'],
    guards: [personSaid('approve'), solutionPresent],
  },
])
