import type { AuditEntryView } from '../../api/views.ts'
import { JsonView } from '../../components/json-view.tsx'

/** What else an entry tells, for whoever asks. */
export function AuditDetails({ entry }: { readonly entry: AuditEntryView }) {
  const { at, details, request_id, action } = entry
  return (
    <details>
      <summary>Details</summary>
      <JsonView value={{ at, request_id, ...details }} label={`Details of ${action}`} />
    </details>
  )
}
