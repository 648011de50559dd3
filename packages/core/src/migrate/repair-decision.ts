import type { StatementEffect } from './statement-effect.ts'

/** What a person knows of a migration whose end the database cannot show. */
export type RepairVerdict = 'applied' | 'not-applied'

/** What becomes of the record of a begun migration. */
export type RepairDecision =
  /** Mark it as done. */
  | { readonly action: 'finish'; readonly because: string }
  /** Forget it, so that it runs again. */
  | { readonly action: 'forget'; readonly because: string }
  /** Drop the invalid index, then forget it. */
  | { readonly action: 'drop-and-forget'; readonly leftover: string; readonly because: string }
  /** Leave it: nothing shows what happened, or the verdict contradicts what is seen. */
  | { readonly action: 'ask'; readonly because: string }

/** Decides by what is seen in the database; by a person's verdict only where nothing can be seen. */
export function decideRepair(effect: StatementEffect, verdict: RepairVerdict | undefined): RepairDecision {
  const seen = effect.kind === 'unknown' ? undefined : effect.kind === 'applied' ? 'applied' : 'not-applied'
  if (seen !== undefined && verdict !== undefined && seen !== verdict) {
    return { action: 'ask', because: `${effect.evidence}, which contradicts the verdict "${verdict}"` }
  }
  switch (effect.kind) {
    case 'applied':
      return { action: 'finish', because: effect.evidence }
    case 'not-applied':
      return { action: 'forget', because: effect.evidence }
    case 'half-applied':
      return { action: 'drop-and-forget', leftover: effect.leftover, because: effect.evidence }
    case 'unknown':
      if (verdict === undefined) return { action: 'ask', because: effect.evidence }
      return { action: verdict === 'applied' ? 'finish' : 'forget', because: `the verdict is "${verdict}"` }
  }
}
