import type { Observation } from '../review/weights/estimate-reliability.ts'

/**
 * What five anaesthetists said of the fitness of 45 patients, from 1 to 4, by Dawid and Skene (1979), table 1. For each
 * patient: the first one's three assessments, then one of each of the others.
 */
const ASSESSMENTS = `
  111-1-1-1-1 333-4-3-3-4 112-2-1-2-2 222-3-1-2-1 222-3-2-2-2 222-3-3-2-2 122-2-1-1-1 333-3-4-3-3 222-2-2-2-3
  232-2-2-2-3 444-4-4-4-4 222-3-3-4-3 111-1-1-1-1 222-3-2-1-2 121-1-1-1-1 111-2-1-1-1 111-1-1-1-1 111-1-1-1-1
  222-2-2-2-1 222-1-3-2-2 222-2-2-2-2 222-2-2-2-1 222-3-2-2-2 221-2-2-2-2 111-1-1-1-1 111-1-1-1-1 232-2-2-2-2
  111-1-1-1-1 111-1-1-1-1 112-1-1-2-1 111-1-1-1-1 333-3-2-3-3 111-1-1-1-1 222-2-2-2-2 222-3-2-3-2 433-4-3-4-3
  221-2-2-3-2 232-3-2-3-3 333-3-4-3-2 111-1-1-1-1 111-1-1-1-1 121-2-1-1-1 232-2-2-2-2 121-1-1-1-1 222-2-2-2-2`

/** The assessments as observations: patients `01` to `45`, observers `1` to `5`, classes `1` to `4`. */
export const ANAESTHETISTS: readonly Observation[] = ASSESSMENTS.trim()
  .split(/\s+/)
  .flatMap((patient, index) =>
    patient.split('-').flatMap((labels, observer) =>
      [...labels].map((label) => ({
        itemId: String(index + 1).padStart(2, '0'),
        observerId: String(observer + 1),
        label,
      })),
    ),
  )
