import { countText } from '../../components/amounts.tsx'
import { Button } from '../../components/button.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Progress } from '../../components/progress.tsx'
import styles from './dead-letters.module.css'
import { type RedriveState, useRedrive } from './use-redrive.ts'

export interface GroupRedriveProps {
  readonly fingerprint: string
  readonly unresolved: number
}

/** Publishes a group again: first what would be done, then in parts, with its progress. */
export function GroupRedrive({ fingerprint, unresolved }: GroupRedriveProps) {
  const { state, tryOut, redrive, stop } = useRedrive(fingerprint)
  const isBusy = state.kind === 'trying' || state.kind === 'running'
  return (
    <div className={styles.redrive}>
      <div className={styles.buttons}>
        <Button
          isDisabled={unresolved === 0}
          isPending={state.kind === 'trying'}
          onPress={() => void tryOut(unresolved)}
        >
          Dry run
        </Button>
        <ConfirmButton
          label="Publish again"
          kind="primary"
          title={`Publish ${countText(unresolved)} messages again?`}
          isDisabled={unresolved === 0 || isBusy}
          onConfirm={async () => void redrive(unresolved)}
        >
          <p>
            Each goes out under the subject that it came under, at most 100 a second. One that fails again
            becomes a dead letter anew.
          </p>
        </ConfirmButton>
        {state.kind === 'running' && <Button onPress={stop}>Stop</Button>}
      </div>
      <RedriveProgress state={state} />
    </div>
  )
}

function RedriveProgress({ state }: { readonly state: RedriveState }) {
  if (state.kind === 'idle' || state.kind === 'trying') return null
  if (state.kind === 'tried') return <p role="status">{`Dry run: ${toldOf(state.outcomes)}`}</p>
  const { done, total, outcomes } = state
  return (
    <>
      <Progress label={state.kind === 'running' ? 'Publishing' : 'Published'} done={done} total={total} />
      {state.kind === 'ended' && (
        <p role="status">{`${state.isStopped ? 'Stopped' : 'Done'}: ${toldOf(outcomes)}`}</p>
      )}
    </>
  )
}

function toldOf(outcomes: ReadonlyMap<string, number>): string {
  if (outcomes.size === 0) return 'nothing to publish'
  return [...outcomes]
    .map(([outcome, count]) => `${countText(count)} ${outcome.replaceAll('-', ' ')}`)
    .join(', ')
}
