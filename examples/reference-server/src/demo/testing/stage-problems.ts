import type { OptionalStage } from '../without-stage.ts'

/** Part of what the demo says is wrong when a stage is switched off, by stage. */
export const STAGE_PROBLEMS: Readonly<Record<OptionalStage, string>> = {
  budget: 'the models charged',
  validation: 'parse-csv-with-quotes ended',
  sandbox: 'is completed, and fails',
  'auto-fix': 'fixes-exhausted',
  review: 'no round of reviewers approved',
  messaging: 'events never left the outbox',
}

/** What the demo says at the end of a run that is as it must be. */
export const AS_EXPECTED = 'Every task ended as expected, and every ledger adds up.'
