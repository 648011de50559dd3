import type { ExecuteOptions } from '../policy.ts'
import { CALL_ITSELF, type Call, type Inner, type Layer } from './layer.ts'
import { startCall } from './start-call.ts'

/** A policy that can be laid over others without a cost for each call. `Answer` is what it may answer in place of the call. */
export abstract class LayeredPolicy<Answer = never> {
  #alone: Layer | undefined

  /** This policy around `inner`; all layers of one policy share its state. */
  abstract over(inner: Inner): Layer

  /**
   * Runs `call` under the rule of this policy. The call gets a signal that fires when the policy or the caller's own
   * signal ends it.
   * @throws ResilienceError when the rule refuses or ends the call; TimeError `ABORTED` as soon as the caller's
   * signal fires; else whatever `call` throws.
   */
  execute<T>(call: Call<T>, options?: ExecuteOptions): Promise<T | Answer> {
    this.#alone ??= this.over(CALL_ITSELF)
    return startCall(this.#alone, call, options)
  }
}
