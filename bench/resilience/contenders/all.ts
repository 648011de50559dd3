import type { Contender } from '../contender.ts'
import { bare } from './bare.ts'
import { cockatiel, cockatielLean, cockatielSampling } from './cockatiel.ts'
import { golden, goldenRate } from './golden.ts'
import { opossum, opossumLean } from './opossum.ts'

/** All, in the order they are printed. */
export const CONTENDERS: readonly Contender[] = [
  bare,
  golden,
  goldenRate,
  cockatiel,
  cockatielSampling,
  cockatielLean,
  opossum,
  opossumLean,
]
