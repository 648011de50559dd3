import { createPriceTable, type PriceTable } from '@golden-arch/budget'

/** What the scripted model's answers cost: made up, so that a run on recorded answers shows money too. */
export const SCRIPTED_PRICES: PriceTable = createPriceTable({
  version: 'scripted',
  effectiveFrom: new Date(0),
  currency: 'USD',
  models: {},
  default: { input: 1_000_000, output: 4_000_000 },
})
