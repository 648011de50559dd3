import type { TaskView } from '../../api/views.ts'
import { JsonView } from '../../components/json-view.tsx'
import { Panel } from '../../components/panel.tsx'

/** What was asked for, and what is known of the work so far. */
export function TaskEvidence({ task: { input, evidence } }: { readonly task: TaskView }) {
  return (
    <>
      <Panel title="Asked for">
        <JsonView value={input} label="What was asked for" />
      </Panel>
      <Panel title="Evidence">
        <JsonView value={evidence} label="What is known of the work" />
      </Panel>
    </>
  )
}
