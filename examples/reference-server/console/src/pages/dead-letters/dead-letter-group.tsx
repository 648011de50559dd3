import { useState } from 'react'
import type { DeadLetterGroupView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { countText } from '../../components/amounts.tsx'
import { Button } from '../../components/button.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { DeadLetterList } from './dead-letter-list.tsx'
import { GroupRedrive } from './group-redrive.tsx'
import { ResolveGroupButton } from './resolve-group-button.tsx'

/** Dead letters of one kind of failure. */
export function DeadLetterGroup({ group }: { readonly group: DeadLetterGroupView }) {
  const { fingerprint, unresolved, total, newest } = group
  const [isOpen, setOpen] = useState(false)
  return (
    <Panel
      title={newest?.error_code ?? newest?.error ?? `Failures of the kind ${fingerprint}`}
      actions={
        <>
          <Button kind="quiet" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide the messages' : 'Show the messages'}
          </Button>
          <Permitted permission="dlq:manage">
            <ResolveGroupButton fingerprint={fingerprint} unresolved={unresolved} />
          </Permitted>
        </>
      }
    >
      <Facts
        facts={[
          ['Not settled', countText(unresolved)],
          ['In all', countText(total)],
          ['Kind', <code key="kind">{fingerprint}</code>],
          ...(newest === null
            ? []
            : ([
                ['Subject', <code key="subject">{newest.original_subject}</code>],
                ['Latest', <Ago key="latest" at={newest.last_seen_at} />],
              ] as const)),
        ]}
      />
      {newest !== null && <p>{newest.error}</p>}
      <Permitted permission="dlq:manage">
        <GroupRedrive fingerprint={fingerprint} unresolved={unresolved} />
      </Permitted>
      {isOpen && <DeadLetterList fingerprint={fingerprint} />}
    </Panel>
  )
}
