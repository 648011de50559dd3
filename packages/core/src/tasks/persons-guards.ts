import { evidenceHashOf } from './evidence-hash.ts'
import { GUARD_PASSED, type Guard, READS_ALL } from './guard.ts'
import { answerOf, PERSONS_FIELD, type PersonDecision, personsWords } from './persons-word.ts'

/**
 * A guard that passes where a person answered the question that the task asks with one of `decisions`; an `approve`
 * holds for the very evidence that the question was about.
 */
export function personSaid(...decisions: readonly PersonDecision[]): Guard {
  return {
    name: `person-said-${decisions.join('-or-')}`,
    description: `A person answered ${decisions.join(' or ')}.`,
    reads: [READS_ALL],
    check: (task) => {
      const answer = answerOf(task)
      if (answer === undefined || task.waitingFor?.kind !== 'approval') {
        return { passed: false, reason: 'no-answer-of-a-person', feedback: 'No person has answered yet.' }
      }
      if (!decisions.includes(answer.decision)) {
        const feedback = `The person answered ${answer.decision}.`
        return { passed: false, reason: 'other-answer-of-a-person', feedback }
      }
      const isBound = answer.decision === 'approve'
      if (!isBound || evidenceHashOf(task, task.waitingFor.reads) === answer.evidenceHash) return GUARD_PASSED
      return {
        passed: false,
        reason: 'evidence-changed',
        feedback: 'The approval was given for other evidence.',
      }
    },
  }
}

/** The guard, passing also where a person approved exactly what it reads now. */
export function orApproved(guard: Guard): Guard {
  return {
    ...guard,
    reads: [...new Set([...guard.reads, PERSONS_FIELD])],
    check: (task, now) => {
      const verdict = guard.check(task, now)
      if (verdict.passed) return verdict
      const hash = evidenceHashOf(task, guard.reads)
      const approved = personsWords(task).some(
        (word) => word.decision === 'approve' && word.guard === guard.name && word.evidenceHash === hash,
      )
      return approved ? GUARD_PASSED : verdict
    },
  }
}
