import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { DeadLetterView } from '../../api/views.ts'
import { Facts } from '../../components/facts.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { LookButton } from '../../components/look-button.tsx'

/** Shows a message with its headers and its payload, secrets hidden. */
export function PayloadButton({ id }: { readonly id: string }) {
  return (
    <LookButton label={`Look at ${id}`} title={`Dead letter ${id}`}>
      <Letter id={id} />
    </LookButton>
  )
}

function Letter({ id }: { readonly id: string }) {
  const letter = useQuery({
    queryKey: ['dead letters', 'one', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/dlq/{id}', { params: { path: { id } }, signal })),
  })
  return (
    <Loaded query={letter}>
      {(data) => (
        <>
          <Facts
            facts={[
              ['Subject', <code key="subject">{data.original_subject}</code>],
              ['Error', data.error],
              ['Bytes', data.payload_bytes],
              ['Published again', `${data.redrive_count} times`],
              ...(data.redrive_of === null ? [] : ([['Came from', data.redrive_of]] as const)),
              ...(data.failed_again_as.length === 0
                ? []
                : ([['Failed again as', data.failed_again_as.join(', ')]] as const)),
            ]}
          />
          <h3>Payload</h3>
          <Payload letter={data} />
          <h3>Headers</h3>
          <JsonView value={data.headers} label="Headers" />
        </>
      )}
    </Loaded>
  )
}

function Payload({ letter: { payload } }: { readonly letter: DeadLetterView }) {
  if (payload === null) return <p>Its bytes were dropped at the source.</p>
  if (payload.kind === 'withheld') {
    return <p>It names no tenant, or another one: an administrator may read it.</p>
  }
  if (payload.kind === 'binary') {
    return (
      <p>
        Bytes that are no text. SHA-256: <code>{payload.sha256}</code>
      </p>
    )
  }
  return (
    <>
      <JsonView value={payload.value} label="Payload" />
      {payload.kind === 'text' && payload.is_cut && <p>It is longer than what is shown.</p>}
    </>
  )
}
