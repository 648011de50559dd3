/**
 * Proves by enumeration, in every state of many panels of up to seven voters (each silent, or with any vote), that a
 * round closed early ends as each way of waiting would have ended, and is never missed; that swapping equal voters
 * changes nothing; that a veto holds and nothing else vetoes; that an approval survives one more approval, and a
 * rejection one more rejection; and that nothing is approved without its quorum.
 * Usage: node --conditions=golden-arch-source tools/prove/governance-consensus.ts [panels of six and of seven, default 60]
 */
import type { Reviewer, ReviewPolicy } from '../../packages/governance/src/review/index.ts'
import {
  type EnumerationFigures,
  enumeratePanel,
  type Panel,
  panelsOf,
} from '../../packages/governance/src/testing/consensus-enumeration.ts'

const sampled = Number(process.argv[2] ?? 60)

const policies: readonly ReviewPolicy[] = [
  { quorum: share(1, 2), threshold: share(2, 3), vetoRoles: ['security'] },
  { quorum: share(0, 1), threshold: share(1, 2), vetoRoles: ['security'] },
  { quorum: share(2, 3), threshold: share(1, 2), vetoRoles: [] },
  { quorum: share(1, 1), threshold: share(1, 1), vetoRoles: ['security'] },
  { quorum: share(1, 2), threshold: share(1, 1), vetoRoles: [] },
  { quorum: share(1, 3), threshold: share(3, 5), vetoRoles: ['security'] },
]
const weights = [0, 1000, 1500, 2000]
const kinds = weights.flatMap((weightMilli) => [
  { weightMilli, role: 'reviewer' as const },
  { weightMilli, role: 'security' as const },
])

for (const size of [1, 2, 3, 4]) report(`all panels of ${size}`, panelsOf(size, kinds, policies))
report('all panels of 5', panelsOf(5, kinds, policies.slice(0, 1)))
const random = numbersFrom(20260301)
for (const size of [6, 7])
  report(
    `panels of ${size}, drawn`,
    Array.from({ length: sampled }, () => drawPanel(size)),
  )

function report(title: string, panels: readonly Panel[]): void {
  const figures: EnumerationFigures = { panels: 0, states: 0, settledEarly: 0, vetoed: 0, approved: 0 }
  for (const panel of panels) enumeratePanel(panel, figures)
  const { states, settledEarly, vetoed, approved } = figures
  const show = (count: number): string => count.toLocaleString('en')
  console.log(`${title}: ${show(figures.panels)} panels, ${show(states)} states held`)
  console.log(`  approved ${show(approved)}, vetoed ${show(vetoed)}, settled early ${show(settledEarly)}`)
}

/** A panel with weights from 0 to 3 votes, some of them equal, and any policy. */
function drawPanel(size: number): Panel {
  const denominator = 1 + random(12)
  const policy: ReviewPolicy = {
    quorum: share(random(denominator + 1), denominator),
    threshold: share(Math.ceil(denominator / 2) + random(Math.floor(denominator / 2) + 1), denominator),
    vetoRoles: random(2) === 0 ? [] : ['security'],
  }
  const eligible: readonly Reviewer[] = Array.from({ length: size }, (_, index) => ({
    agentId: `agent-${index}`,
    role: random(4) === 0 ? 'security' : 'reviewer',
    weightMilli: random(2) === 0 ? 1000 * random(3) : random(3001),
  }))
  return { eligible, policy }
}

function share(numerator: number, denominator: number): ReviewPolicy['quorum'] {
  return { numerator, denominator }
}

/** Numbers from 0 below a bound, the same for the same seed: a linear congruential generator with Knuth's MMIX constants. */
function numbersFrom(seed: number): (bound: number) => number {
  let state = BigInt(seed)
  return (bound) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n)
    return Number((state >> 33n) % BigInt(bound))
  }
}
