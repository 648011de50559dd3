import { expect, test } from 'vitest'
import { type EnumerationFigures, enumeratePanel, panelsOf } from '../testing/consensus-enumeration.ts'
import { DEFAULT_REVIEW_POLICY, type Reviewer, type ReviewPolicy } from './review-policy.ts'

const kind = (weightMilli: number, role: Reviewer['role'] = 'reviewer'): Omit<Reviewer, 'agentId'> => ({
  weightMilli,
  role,
})
const share = (numerator: number, denominator: number): ReviewPolicy['quorum'] => ({ numerator, denominator })

const policies: readonly ReviewPolicy[] = [
  DEFAULT_REVIEW_POLICY,
  { quorum: share(0, 1), threshold: share(1, 2), vetoRoles: [] },
  { quorum: share(1, 1), threshold: share(1, 1), vetoRoles: ['security'] },
  { quorum: share(1, 2), threshold: share(1, 1), vetoRoles: [] },
]
const kinds = [kind(0), kind(1000), kind(2000), kind(0, 'security'), kind(1000, 'security')]
const nothing = (): EnumerationFigures => ({ panels: 0, states: 0, settledEarly: 0, vetoed: 0, approved: 0 })

test.each([
  [1, policies, 20],
  [2, policies, 60],
  [3, policies, 140],
  [4, [DEFAULT_REVIEW_POLICY], 70],
])(
  'every state of every panel of %i: closing early equals waiting, and a veto holds',
  (size, rules, panels) => {
    const figures = nothing()
    for (const panel of panelsOf(size, kinds, rules)) enumeratePanel(panel, figures)
    expect(figures).toMatchObject({ panels, states: panels * 5 ** size })
    expect(Math.min(figures.settledEarly, figures.vetoed, figures.approved)).toBeGreaterThan(0)
  },
)

test.each([
  ['equal weights', [1000, 1000, 1000, 1000, 1000, 1000]],
  ['weights of all sizes', [0, 500, 1000, 1000, 1500, 3000]],
])(
  'every state of a panel of seven with %s: closing early equals waiting, and a veto holds',
  (_name, weights) => {
    const eligible = [...weights.map((weight) => kind(weight)), kind(1000, 'security')].map((one, index) => ({
      ...one,
      agentId: `agent-${index}`,
    }))
    const figures = nothing()
    enumeratePanel({ eligible, policy: DEFAULT_REVIEW_POLICY }, figures)
    expect(figures.states).toBe(5 ** 7)
    expect(Math.min(figures.settledEarly, figures.vetoed, figures.approved)).toBeGreaterThan(0)
  },
)
