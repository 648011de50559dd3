import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { EscalationView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { EscalationActions } from './escalation-actions.tsx'

/** An escalation: what happened, how bad it is, who it waits for, and what can be done. */
export function EscalationCard({ escalation }: { readonly escalation: EscalationView }) {
  const { subject, reason, evidence } = escalation
  return (
    <Panel
      title={`${reason}: ${subject.kind} ${subject.id}`}
      actions={<EscalationActions escalation={escalation} />}
    >
      <Facts facts={factsOf(escalation)} />
      {Object.keys(evidence).length > 0 && (
        <details>
          <summary>Evidence</summary>
          <JsonView value={evidence} label={`Evidence of ${reason} of ${subject.id}`} />
        </details>
      )}
    </Panel>
  )
}

function factsOf(escalation: EscalationView): readonly (readonly [string, ReactNode])[] {
  const { status, severity, level, task_id, occurrences, raised_at, due_at, assigned } = escalation
  const { acknowledged, resolved, resolution, decision } = escalation
  return [
    ['State', <StateBadge key="state" state={status} />],
    ['Severity', <StateBadge key="severity" state={severity} />],
    ['Waits for', level],
    ...(task_id === null ? [] : ([['Task', <TaskLink key="task" id={task_id} />]] as const)),
    [
      'Raised',
      <span key="raised">
        <Ago at={raised_at} />
        {occurrences > 1 && `, ${occurrences} times`}
      </span>,
    ],
    ...(resolved === null && due_at !== null
      ? ([['Goes on to the next level', <Ago key="due" at={due_at} />]] as const)
      : []),
    ...(assigned === null ? [] : ([['Assigned to', assigned.assignee]] as const)),
    ...(acknowledged === null ? [] : ([['Taken on by', acknowledged.by]] as const)),
    ...(resolved === null
      ? []
      : ([
          ['Resolved by', resolved.by],
          ['Decision', decision ?? '—'],
          ['Resolution', resolution ?? '—'],
        ] as const)),
  ]
}

function TaskLink({ id }: { readonly id: string }) {
  return (
    <Link to="/tasks/$id" params={{ id }}>
      {id}
    </Link>
  )
}
