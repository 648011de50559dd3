import { RecordingTracer } from './recording-tracer.ts'
import { describeTracerContract } from './tracer.contract.ts'

describeTracerContract('RecordingTracer', () => {
  const tracer = new RecordingTracer()
  return { tracer, read: (name) => tracer.spans(name).filter((span) => span.isEnded) }
})
