import type { BudgetView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { countText, Money } from '../../components/amounts.tsx'
import { BudgetBar } from '../../components/budget-bar.tsx'
import { Permitted } from '../../components/permitted.tsx'
import styles from './budgets.module.css'
import { LimitButton } from './limit-button.tsx'

/** One budget: how much of it is used, when it will be used up, and its limit to change. */
export function BudgetRow({ state, name }: { readonly state: BudgetView; readonly name: string }) {
  const { money, forecast, level } = state
  return (
    <div className={styles.cells}>
      <div className={styles.name}>
        <span>{name}</span>
        <span className={styles.level}>{level}</span>
      </div>
      <BudgetBar state={state} label="Tokens" />
      <div className={styles.figures}>
        <span>
          {money === null ? '' : <Money amount={money.used} />}
          {money?.limit != null && (
            <>
              {' of '}
              <Money amount={money.limit} />
            </>
          )}
        </span>
        <span className={styles.forecast} data-forecast>
          {forecast.tokens.exhausts_at === null ? (
            `${countText(Math.round(forecast.tokens.rate_per_hour))} tokens an hour; the limit is not reached`
          ) : (
            <>
              {countText(Math.round(forecast.tokens.rate_per_hour))} tokens an hour; used up{' '}
              <Ago at={forecast.tokens.exhausts_at} />
            </>
          )}
        </span>
      </div>
      <Permitted permission={state.scope.project_id === null ? 'system:manage' : 'budget:manage'}>
        <LimitButton state={state} name={name} />
      </Permitted>
    </div>
  )
}
